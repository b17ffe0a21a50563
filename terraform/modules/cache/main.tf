# Valkey, which carries hints from node to node. It stores nothing: no snapshots, and no replica
# unless half a minute of slower delivery, when its zone is lost, is worth as much again.

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV2_AWS_50:A replica that takes over is a switch: what is lost with Redis is speed, for as long as it is away
  replication_group_id = var.name
  description          = "Hints between the nodes of ${var.name}"

  engine               = "valkey"
  engine_version       = "8.0"
  parameter_group_name = "default.valkey8"
  node_type            = var.node_type
  maintenance_window   = "sun:04:30-sun:05:30"

  num_cache_clusters         = var.replica ? 2 : 1
  automatic_failover_enabled = var.replica
  multi_az_enabled           = var.replica
  snapshot_retention_limit   = 0

  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  auth_token                 = var.token
  auth_token_update_strategy = "ROTATE"

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  apply_immediately = true
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Redis: reached by the nodes, reaches nothing"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "from_clients" {
  security_group_id            = aws_security_group.this.id
  description                  = "Redis from the nodes"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_egress_rule" "of_clients" {
  security_group_id            = var.client_security_group_id
  description                  = "Redis"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}
