output "arn" {
  value = aws_secretsmanager_secret.this.arn
}

output "reference" {
  description = "This very version, as a task definition names it: a new one rolls the nodes, and an old task keeps its own."
  value       = "${aws_secretsmanager_secret.this.arn}:::${aws_secretsmanager_secret_version.this.version_id}"
}

output "value" {
  description = "The secret itself, for what must be told it: read back, so that it is the one which is stored."
  value       = ephemeral.aws_secretsmanager_secret_version.this.secret_string
  ephemeral   = true
}
