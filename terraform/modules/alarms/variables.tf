variable "name" {
  type = string
}

variable "email" {
  type = string
}

variable "kms_key_arn" {
  description = "Encrypts what waits to be mailed."
  type        = string
  default     = null
}

variable "alarms" {
  description = "By name: a metric, the bound it must not cross (above or below) for so many minutes, what it means and what to do."
  type = map(object({
    namespace  = string
    metric     = string
    dimensions = map(string)
    statistic  = optional(string, "Average")
    above      = optional(number)
    below      = optional(number)
    minutes    = optional(number, 5)
    missing    = optional(string, "notBreaching")
    also       = optional(list(string), [])
    meaning    = string
  }))

  validation {
    condition     = alltrue([for alarm in var.alarms : (alarm.above == null) != (alarm.below == null)])
    error_message = "Each alarm has one bound: above or below."
  }
}
