variable "name" {
  type = string
}

variable "github_repository" {
  description = "owner/name"
  type        = string
}

variable "repository_arn" {
  description = "The registry that images are pushed to."
  type        = string
}
