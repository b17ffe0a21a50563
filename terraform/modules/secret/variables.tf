variable "name" {
  type = string
}

variable "description" {
  type = string
}

variable "secret_version" {
  description = "Another number makes another secret."
  type        = number
}

variable "kms_key_arn" {
  type = string
}

variable "protect" {
  description = "Whether a destroyed secret can be had back for thirty days."
  type        = bool
}
