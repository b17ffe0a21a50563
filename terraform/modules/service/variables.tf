variable "name" {
  type = string
}

variable "network" {
  type = object({
    vpc_id             = string
    public_subnet_ids  = list(string)
    private_subnet_ids = list(string)
  })
}

variable "domain" {
  type = string
}

variable "zone_id" {
  description = "Where the certificate is proved and the name is entered; null if both are made elsewhere."
  type        = string
}

variable "certificate_arn" {
  description = "The certificate, where there is no zone to make one in."
  type        = string
}

variable "image" {
  type = string
}

variable "repository_arn" {
  description = "The registry the image is pulled from."
  type        = string
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

variable "environment" {
  description = "Environment variables of the nodes, on top of those that follow from the load balancer."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that are secret: where each is, as a task definition names it."
  type        = map(string)
}

variable "secret_arns" {
  description = "The secrets that the nodes' agent may read."
  type        = list(string)
}

variable "kms_key_arn" {
  type = string
}

variable "protect" {
  type = bool
}
