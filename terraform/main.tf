# One room in the cloud, in one of two sizes: one machine with everything on it, or a fleet of nodes
# with a managed database behind a load balancer. docs/operate/cloud.md says which to take.

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, { Project = var.name, Profile = var.profile })
  }
}

module "small" {
  source = "./profiles/small"
  count  = var.profile == "small" ? 1 : 0

  name        = var.name
  domain      = var.domain
  zone_id     = var.zone_id
  alarm_email = var.alarm_email
  protect     = var.protect
  environment = var.environment
  machine     = var.machine
  code        = var.code
}

module "distributed" {
  source = "./profiles/distributed"
  count  = var.profile == "distributed" ? 1 : 0

  name              = var.name
  domain            = var.domain
  zone_id           = var.zone_id
  certificate_arn   = var.certificate_arn
  alarm_email       = var.alarm_email
  protect           = var.protect
  environment       = var.environment
  network           = var.network
  image_tag         = var.image_tag
  nodes             = var.nodes
  database          = var.database
  cache             = var.cache
  secret_versions   = var.secret_versions
  github_repository = var.github_repository
}
