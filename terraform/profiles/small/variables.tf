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

variable "machine" {
  type = object({
    type           = string
    disk_gb        = number
    snapshots_kept = number
  })
}

variable "code" {
  type = object({
    repository = string
    ref        = string
  })
}
