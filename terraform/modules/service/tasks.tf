# What a task is: the same image as everywhere, one process, nothing written to its disk.

locals {
  port         = 8000
  metrics_port = 9100
  # chatroom/server/drain.py: the drain takes DRAIN_SECONDS at most, and the task is killed a while later.
  drain_seconds = 40
  stop_seconds  = 60

  tasks = {
    web = {
      cpu        = var.nodes.cpu
      memory     = var.nodes.memory
      containers = [merge(local.container, { name = "web" }), local.figures]
    }
    # For what is done once: migrations before a release, an invitation, upkeep (../../manage).
    manage = {
      cpu    = 256
      memory = 512
      containers = [merge(local.container, {
        name         = "manage"
        command      = ["python", "manage.py", "migrate", "--no-input"]
        portMappings = []
      })]
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.tasks

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.agent.arn
  container_definitions    = jsonencode(each.value.containers)

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
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
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
    # The balancer appends the client's address, so the last one is true.
    TRUSTED_PROXY_HEADER = "X-Forwarded-For"
    LOG_FORMAT           = "json"
    METRICS_PORT         = tostring(local.metrics_port)
  }, var.environment)
}
