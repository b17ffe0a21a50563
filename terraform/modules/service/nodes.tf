# The nodes: the same image as everywhere, one process a task.

locals {
  port = 8000
  # chatroom/server.py: the drain takes DRAIN_SECONDS at most, and the task is killed a while later.
  drain_seconds = 40
  stop_seconds  = 60
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_service" "web" {
  name             = "web"
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.web.arn
  desired_count    = var.nodes.min
  launch_type      = "FARGATE"
  platform_version = "1.4.0"
  propagate_tags   = "SERVICE"

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
    # How many there are is for autoscaling to say.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.https]
}

resource "aws_ecs_task_definition" "web" {
  family = "${var.name}-web"

  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.nodes.cpu
  memory                   = var.nodes.memory
  execution_role_arn       = aws_iam_role.agent.arn
  container_definitions    = jsonencode([merge(local.container, { name = "web" })])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.nodes.architecture
  }

  volume {
    name = "tmp"
  }
}

# For whatever is done once: migrations before a release, the first owner's invitation, upkeep. Run
# it with `aws ecs run-task`; the command can be overridden.
resource "aws_ecs_task_definition" "manage" {
  family = "${var.name}-manage"

  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.agent.arn
  container_definitions = jsonencode([merge(local.container, {
    name         = "manage"
    command      = ["python", "manage.py", "migrate", "--no-input"]
    portMappings = []
  })])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.nodes.architecture
  }

  volume {
    name = "tmp"
  }
}

locals {
  container = {
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = local.port, protocol = "tcp" }]
    stopTimeout  = local.stop_seconds

    environment = [for name, value in local.environment : { name = name, value = value }]
    secrets     = [for name, reference in var.secrets : { name = name, valueFrom = reference }]

    # The image says who it runs as, and it is not root. Large request bodies go through /tmp, a
    # volume: Fargate has no tmpfs.
    readonlyRootFilesystem = true
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp" }]
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = false }
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.nodes.name
        awslogs-region        = data.aws_region.this.name
        awslogs-stream-prefix = "node"
        # A log that cannot be delivered must not hold up the room.
        mode            = "non-blocking"
        max-buffer-size = "4m"
      }
    }
  }

  environment = merge({
    ALLOWED_HOSTS = var.domain
    SITE_ORIGINS  = "https://${var.domain}"
    # The balancer appends the client's address; the last one is its own.
    TRUSTED_PROXY_HEADER = "X-Forwarded-For"
  }, var.environment)
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
