variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "client_security_group_id" {
  description = "Who may connect."
  type        = string
}

variable "password" {
  type      = string
  sensitive = true
}

variable "settings" {
  type = object({
    class          = string
    version        = string
    multi_az       = bool
    storage_gb     = number
    storage_max_gb = number
    backup_days    = number
    ssl_root_cert  = optional(string)
  })
}

variable "kms_key_arn" {
  type = string
}

variable "protect" {
  type = bool
}
