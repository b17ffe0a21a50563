output "url" {
  description = "DATABASE_URL without the password, which the driver takes from PGPASSWORD."
  value = join("", [
    "postgres://${aws_db_instance.this.username}@${aws_db_instance.this.endpoint}/${aws_db_instance.this.db_name}",
    var.settings.ssl_root_cert == null ? "?sslmode=require" : "?sslmode=verify-full&sslrootcert=${var.settings.ssl_root_cert}",
  ])
}

output "final_snapshot" {
  description = "The snapshot that a destroy leaves behind."
  value       = aws_db_instance.this.final_snapshot_identifier
}

output "alarms" {
  value = {
    database-storage = merge(local.watched, {
      metric  = "FreeStorageSpace", below = var.settings.storage_gb * pow(1024, 3) / 10
      meaning = "Less than a tenth of the first storage is free, though it should grow by itself: raise database.storage_max_gb. A full disk refuses every message."
    })
    database-cpu = merge(local.watched, {
      metric  = "CPUUtilization", above = 80, minutes = 15
      meaning = "The database is busy: look at Performance Insights, then take a larger database.class."
    })
    database-connections = merge(local.watched, {
      metric  = "DatabaseConnections", above = floor(local.connections_max * 0.8)
      meaning = "Of some ${local.connections_max} connections four fifths are taken: fewer nodes, or a larger database.class."
    })
    database-memory = merge(local.watched, {
      metric  = "FreeableMemory", below = 100 * pow(1024, 2), minutes = 15
      meaning = "Less than 100 MiB are free: take a larger database.class."
    })
    database-credits = merge(local.watched, {
      metric  = "CPUCreditBalance", below = 20, minutes = 15
      meaning = "The credits of this burstable class are nearly spent, and it will be slow: take a class that is not burstable."
    })
  }
}

locals {
  watched = { namespace = "AWS/RDS", dimensions = { DBInstanceIdentifier = aws_db_instance.this.identifier } }

  # RDS allows one connection for each 9,531,392 bytes of memory, up to 5,000.
  memory_gib      = lookup({ small = 2, medium = 4, large = 8, xlarge = 16, "2xlarge" = 32 }, element(split(".", var.settings.class), 2), 64)
  connections_max = min(5000, floor(local.memory_gib * pow(1024, 3) / 9531392))
}
