variable "machine" {
  description = "The one machine of the small profile."
  type = object({
    type           = optional(string, "t4g.small")
    disk_gb        = optional(number, 20)
    snapshots_kept = optional(number, 14)
  })
  default = {}

  validation {
    condition     = can(regex("^(t3|t3a|t4g|m6g|m7g|m7i|c6g|c7g)\\.(small|medium|large|xlarge|2xlarge)$", var.machine.type))
    error_message = "machine.type must be a t3, t3a, t4g, m6g, m7g, m7i, c6g or c7g from small to 2xlarge: a micro has too little memory to build the image."
  }

  validation {
    condition     = var.machine.disk_gb >= 10 && var.machine.disk_gb <= 2000 && floor(var.machine.disk_gb) == var.machine.disk_gb
    error_message = "machine.disk_gb must be a whole number from 10 to 2000. It can grow later, never shrink."
  }

  validation {
    condition     = var.machine.snapshots_kept >= 1 && var.machine.snapshots_kept <= 365
    error_message = "machine.snapshots_kept must be from 1 to 365: one snapshot a day, and this many of them."
  }
}

variable "code" {
  description = "Where the small profile gets the chatroom from: a git repository that needs no password, and the tag that is run at first."
  type = object({
    repository = string
    ref        = string
  })
  default = null

  validation {
    condition     = var.profile != "small" || var.code != null
    error_message = "The small profile builds the image on the machine: set code = { repository = \"https://…\", ref = \"v1.0.0\" }."
  }

  validation {
    condition     = var.code == null || can(regex("^https://[A-Za-z0-9.-]+/[A-Za-z0-9._/-]+$", var.code.repository))
    error_message = "code.repository must be an https:// address that git can clone without a password."
  }

  validation {
    condition     = var.code == null || can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$", var.code.ref))
    error_message = "code.ref must be a tag, a branch or a commit."
  }
}
