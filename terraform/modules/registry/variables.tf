variable "name" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "protect" {
  description = "Whether a registry with images in it refuses to be destroyed."
  type        = bool
}
