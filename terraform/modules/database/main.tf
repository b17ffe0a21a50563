# PostgreSQL: the one thing here that must not be lost. Everything else can be made again.

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_161:The nodes sign in with a password from Secrets Manager: tokens of fifteen minutes do not suit a pool
  #checkov:skip=CKV_AWS_118:Enhanced monitoring shows the host; Performance Insights and the alarms below show what this database does
  #checkov:skip=CKV2_AWS_69:rds.force_ssl is on in the parameter group
  #checkov:skip=CKV2_AWS_30:Statements carry bodies of messages, which must not be in logs
  #checkov:skip=CKV_AWS_157:Multi-AZ is a switch, on unless it is turned off
  #checkov:skip=CKV_AWS_293:Deletion protection is a switch, on until a deployment is torn down
  identifier = var.name

  engine                      = "postgres"
  engine_version              = var.settings.version
  instance_class              = var.settings.class
  parameter_group_name        = aws_db_parameter_group.this.name
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  maintenance_window          = "sun:03:30-sun:04:30"

  db_name  = "chatroom"
  username = "chatroom"
  password = var.password

  storage_type          = "gp3"
  allocated_storage     = var.settings.storage_gb
  max_allocated_storage = var.settings.storage_max_gb
  # By the account's own key for RDS, which nobody can delete. The deployment's key goes when the
  # deployment goes, and under it the snapshots that stay could be read by nobody a month later.
  storage_encrypted = true

  # A standby in another zone takes every commit before it is acknowledged: a zone may be lost, and
  # nothing that the room has acknowledged is.
  multi_az                = var.settings.multi_az
  backup_retention_period = var.settings.backup_days
  backup_window           = "02:00-03:00"
  copy_tags_to_snapshot   = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false

  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  # Without protection the instance can go, and what people said still cannot: a last snapshot is
  # made, and the automated backups stay until their days are over.
  deletion_protection       = var.protect
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final-${terraform_data.final_snapshot.output}"
  delete_automated_backups  = false
  apply_immediately         = true

  lifecycle {
    # Storage that has grown by itself must not be asked to shrink.
    ignore_changes = [allocated_storage]
  }

  depends_on = [aws_cloudwatch_log_group.postgresql]
}

# A name is taken once in an account, and a destroy that finds it taken fails. So each instance has
# one of its own, which what would replace the instance replaces too.
resource "terraform_data" "final_snapshot" {
  input            = substr(uuid(), 0, 8)
  triggers_replace = var.name

  lifecycle {
    # Another one at every plan.
    ignore_changes = [input]
  }
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres${var.settings.version}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Statements, their parameters and the details of errors hold what people say, and none of it may
  # be in a log: as in docker-compose.yml. Performance Insights shows what is slow.
  dynamic "parameter" {
    for_each = local.log_without_messages

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  log_without_messages = {
    log_error_verbosity               = "terse"
    log_lock_waits                    = "1"
    log_min_duration_statement        = "-1"
    log_min_error_statement           = "panic"
    log_parameter_max_length          = "0"
    log_parameter_max_length_on_error = "0"
    log_statement                     = "none"
  }
}

# Made here and not by RDS, which would keep the lines for ever.
resource "aws_cloudwatch_log_group" "postgresql" {
  #checkov:skip=CKV_AWS_338:Ninety days tell what went wrong; longer only costs
  name              = "/aws/rds/instance/${var.name}/postgresql"
  retention_in_days = 90
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "PostgreSQL: reached by the nodes, reaches nothing"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "from_clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from the nodes"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "of_clients" {
  security_group_id            = var.client_security_group_id
  description                  = "PostgreSQL"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
