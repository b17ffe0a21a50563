# A random secret that Terraform makes and never knows: it goes from Secrets Manager's generator to
# Secrets Manager as a write-only value, and is in no state and no plan.

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Rotated by raising its version, which also rolls the nodes; a rotation behind their backs would lock them out
  name_prefix             = "${var.name}-"
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protect ? 30 : 0
}

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.this.random_password
  secret_string_wo_version = var.secret_version
}

ephemeral "aws_secretsmanager_secret_version" "this" {
  secret_id  = aws_secretsmanager_secret.this.id
  version_id = aws_secretsmanager_secret_version.this.version_id
}
