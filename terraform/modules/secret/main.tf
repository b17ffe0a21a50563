# A random value, and where the nodes read it: in Secrets Manager. It is in Terraform's state as well,
# so the state is guarded like the secrets themselves (docs/operate/cloud.md).

data "aws_secretsmanager_random_password" "next" {
  password_length     = 64
  exclude_punctuation = true
}

resource "terraform_data" "value" {
  input            = data.aws_secretsmanager_random_password.next.random_password
  triggers_replace = var.secret_version

  lifecycle {
    # The data source answers with another one at every plan.
    ignore_changes = [input]
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Rotated by raising its version, which also rolls the nodes; a rotation behind their backs would lock them out
  name_prefix             = "${var.name}-"
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protect ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = format(var.format, terraform_data.value.output)
}
