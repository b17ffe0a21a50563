# As in the root module, which says what each is and checks them.

variable "name" {
  type = string
}

variable "domain" {
  type = string
}

variable "zone_id" {
  type = string
}

variable "certificate_arn" {
  type = string
}

variable "alarm_email" {
  type = string
}

variable "protect" {
  type = bool
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "network" {
  type = object({
    cidr  = string
    zones = number
    nat   = string
  })
}

variable "image_tag" {
  type = string
}

variable "nodes" {
  type = object({
    cpu              = number
    memory           = number
    architecture     = string
    min              = number
    max              = number
    sockets_per_node = number
  })
}

variable "database" {
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

variable "cache" {
  type = object({
    node_type = string
    replica   = bool
  })
}

variable "secret_versions" {
  type = object({
    secret_key = number
    database   = number
    redis      = number
  })
}

variable "github_repository" {
  type = string
}
