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

variable "node_type" {
  type = string
}

variable "replica" {
  type = bool
}

variable "token" {
  description = "The password. After a change the last one stays valid until the next."
  type        = string
  sensitive   = true
}

variable "kms_key_arn" {
  type = string
}
