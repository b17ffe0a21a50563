# Nodes on Fargate behind a load balancer; PostgreSQL and Redis as AWS runs them.

module "network" {
  source = "../../modules/network"

  name        = var.name
  cidr        = var.network.cidr
  zones       = var.network.zones
  private     = true
  nat         = var.network.nat
  kms_key_arn = aws_kms_key.this.arn
}

module "registry" {
  source = "../../modules/registry"

  name        = var.name
  kms_key_arn = aws_kms_key.this.arn
  protect     = var.protect
}

module "database" {
  source = "../../modules/database"

  name                     = var.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.service.node_security_group_id
  password                 = module.database_password.value
  settings                 = var.database
  kms_key_arn              = aws_kms_key.this.arn
  protect                  = var.protect
}

module "cache" {
  source = "../../modules/cache"

  name                     = var.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.data_subnet_ids
  client_security_group_id = module.service.node_security_group_id
  node_type                = var.cache.node_type
  replica                  = var.cache.replica
  token                    = module.redis_url.value
  kms_key_arn              = aws_kms_key.this.arn
}

module "service" {
  source = "../../modules/service"

  name            = var.name
  network         = module.network
  domain          = var.domain
  zone_id         = var.zone_id
  certificate_arn = var.certificate_arn
  image           = "${module.registry.url}:${var.image_tag}"
  repository_arn  = module.registry.arn
  nodes           = var.nodes
  kms_key_arn     = aws_kms_key.this.arn
  protect         = var.protect

  environment = merge(var.environment, { DATABASE_URL = module.database.url })
  secrets = {
    SECRET_KEY           = module.signing_key[local.signs].reference
    SECRET_KEY_FALLBACKS = module.signing_key[local.still_valid].reference
    PGPASSWORD           = module.database_password.reference
    REDIS_URL            = module.redis_url.reference
  }
  secret_arns = concat(
    [for key in module.signing_key : key.arn],
    [module.database_password.arn, module.redis_url.arn],
  )
}

module "alarms" {
  source = "../../modules/alarms"

  name        = var.name
  email       = var.alarm_email
  kms_key_arn = aws_kms_key.this.arn
  alarms      = merge(module.service.alarms, module.database.alarms, module.cache.alarms)
}

module "github" {
  source = "../../modules/github"
  count  = var.github_repository == null ? 0 : 1

  name              = var.name
  github_repository = var.github_repository
  repository_arn    = module.registry.arn
}
