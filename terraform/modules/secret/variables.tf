variable "name" {
  type = string
}

variable "description" {
  type = string
}

variable "secret_version" {
  description = "Another number makes another value."
  type        = number
}

variable "format" {
  description = "What is stored: the value in place of %s, such as a URL with the password in it."
  type        = string
  default     = "%s"
}

variable "kms_key_arn" {
  type = string
}

variable "protect" {
  description = "Whether a destroyed secret can be had back for thirty days."
  type        = bool
}
