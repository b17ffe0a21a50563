output "arn" {
  value = aws_secretsmanager_secret.this.arn
}

output "reference" {
  description = "This very version, as a task definition names it: a new one rolls the nodes, and an old task keeps its own."
  value       = "${aws_secretsmanager_secret.this.arn}:::${aws_secretsmanager_secret_version.this.version_id}"
}

output "value" {
  description = "The random value itself, for the service that must be told it."
  value       = terraform_data.value.output
  sensitive   = true
}
