# What both profiles need. What only one of them needs: variables_small.tf, variables_distributed.tf.

variable "profile" {
  description = "small: one machine that runs docker compose. distributed: nodes behind a load balancer, with a managed database and Redis."
  type        = string

  validation {
    condition     = contains(["small", "distributed"], var.profile)
    error_message = "profile must be \"small\" or \"distributed\"."
  }
}

variable "name" {
  description = "What this deployment is called; begins the name of everything that is made."
  type        = string
  default     = "chatroom"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 20 small letters, digits and single hyphens, and begin with a letter: load balancers take no more."
  }
}

variable "region" {
  description = "The AWS region, near the people who talk."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, such as eu-central-1."
  }
}

variable "domain" {
  description = "The host name people type, such as chat.example.org."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a host name in small letters, such as chat.example.org: no https://, no port, no path."
  }
}

variable "zone_id" {
  description = "The Route 53 zone that domain lies in. Without it you make the DNS records yourself; the outputs say which."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]{5,31}$", var.zone_id))
    error_message = "zone_id must be the id of a Route 53 hosted zone, such as Z0123456789ABC, not its name."
  }
}

variable "alarm_email" {
  description = "Who is written to when an alarm goes off. The address gets a mail that asks to confirm."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "alarm_email must be an e-mail address: alarms that nobody reads are none."
  }
}

variable "protect" {
  description = "Distributed: whether the database, the load balancer and the logs refuse to be destroyed; set it to false, and apply, before tearing down. Small: whether the machine refuses to be terminated in the console. In both a destroy leaves snapshots of what people said (docs/operate/cloud.md)."
  type        = bool
  default     = true
}

variable "environment" {
  description = "Settings of the chatroom, by their names in docs/reference/configuration.md, on top of those that follow from the rest. Small: written to the machine's .env at its first start. Nothing secret: whoever may look at the deployment reads them."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for name, value in var.environment : can(regex("^[A-Z][A-Z0-9_]*$", name)) && can(regex("^[^'\"$`\\\\\n\r]*$", value))
    ])
    error_message = "environment must be NAME = \"value\", names in capitals, and no quotes, dollars, backslashes or line breaks in the values."
  }

  validation {
    condition = length(setintersection(keys(var.environment), [
      "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "PGPASSWORD", "REDIS_URL",
    ])) == 0
    error_message = "environment must hold no secrets, and not where the database and Redis are: the deployment makes those itself."
  }
}

variable "tags" {
  description = "Tags for everything that is made."
  type        = map(string)
  default     = {}
}
