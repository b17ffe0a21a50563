# The nodes: as many tasks as autoscaling says, and what of the network they see.

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this["web"].arn
  desired_count   = var.nodes.min
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"

  # All the new nodes are there before the first old one goes: whoever is sent away comes back once,
  # to a node that stays.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  # A version that does not get healthy is taken back, and the old one has never gone.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.private_subnet_ids
    security_groups  = [aws_security_group.nodes.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.nodes.arn
    container_name   = "web"
    container_port   = local.port
  }

  health_check_grace_period_seconds = 60

  lifecycle {
    # How many there are is for autoscaling to say, and which version runs is for ./release, which
    # migrates first.
    ignore_changes = [desired_count, task_definition]
  }

  depends_on = [aws_lb_listener.https]
}

data "aws_region" "this" {}

resource "aws_cloudwatch_log_group" "nodes" {
  #checkov:skip=CKV_AWS_338:Ninety days tell what went wrong; longer only keeps addresses of people
  name              = "/${var.name}/nodes"
  retention_in_days = 90
  kms_key_id        = var.kms_key_arn
}

resource "aws_security_group" "nodes" {
  name        = "${var.name}-nodes"
  description = "The nodes: reached by the load balancer only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-nodes" }
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "to_aws" {
  security_group_id = aws_security_group.nodes.id
  description       = "AWS: the image, the secrets, the logs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
