# SECRET_KEY has two places that take turns. Version 1 signs from "odd", version 2 from "even", and so
# on: a rotation fills the place whose turn it is, and leaves the last key in the other, where it
# still verifies what it has signed.

locals {
  turn        = var.secret_versions.secret_key
  signs       = local.turn % 2 == 1 ? "odd" : "even"
  still_valid = local.turn % 2 == 1 ? "even" : "odd"
}

module "signing_key" {
  source   = "../../modules/secret"
  for_each = { odd = local.turn - (local.turn + 1) % 2, even = local.turn - local.turn % 2 }

  name           = "${var.name}-signing-key-${each.key}"
  description    = "Signs sessions, in turn with the other one"
  secret_version = each.value
  kms_key_arn    = aws_kms_key.this.arn
  protect        = var.protect
}

module "database_password" {
  source = "../../modules/secret"

  name           = "${var.name}-database-password"
  description    = "The password of PostgreSQL's user chatroom"
  secret_version = var.secret_versions.database
  kms_key_arn    = aws_kms_key.this.arn
  protect        = var.protect
}

module "redis_url" {
  source = "../../modules/secret"

  name           = "${var.name}-redis-url"
  description    = "REDIS_URL, with the password in it"
  secret_version = var.secret_versions.redis
  format         = "rediss://:%s@${module.cache.endpoint}/0"
  kms_key_arn    = aws_kms_key.this.arn
  protect        = var.protect
}
