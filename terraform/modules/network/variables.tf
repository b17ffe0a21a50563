variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "zones" {
  description = "Over how many availability zones."
  type        = number
}

variable "private" {
  description = "Whether there are subnets that the internet cannot reach, for nodes and data."
  type        = bool
}

variable "nat" {
  description = "How private subnets get out: one, per_az or none (VPC endpoints instead)."
  type        = string
  default     = "none"
}

variable "kms_key_arn" {
  description = "Encrypts the flow logs; without it AWS's own key does."
  type        = string
  default     = null
}
