# The service from the inside: what makes a load balancer fit for WebSockets.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "chatroom"
  network         = { vpc_id = "vpc-1", public_subnet_ids = ["subnet-1", "subnet-2"], private_subnet_ids = ["subnet-3", "subnet-4"] }
  domain          = "chat.example.org"
  zone_id         = null
  certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/own"
  image           = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/chatroom:v1.0.0"
  repository_arn  = "arn:aws:ecr:eu-central-1:123456789012:repository/chatroom"
  nodes           = { cpu = 512, memory = 1024, architecture = "ARM64", min = 2, max = 6, sockets_per_node = 1500 }
  environment     = { DATABASE_URL = "postgres://chatroom@database:5432/chatroom", LOG_FORMAT = "plain", SOCKETS_PER_MEMBER = "20" }
  secrets         = { SECRET_KEY = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key:::1" }
  secret_arns     = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:key"]
  kms_key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/mock"
  protect         = true
}

run "the_load_balancer_is_made_for_sockets" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = aws_lb.this.idle_timeout > 25 && aws_lb.this.idle_timeout < 60
    error_message = "The idle timeout lies between the node's ping (25 s) and Daphne's own timeout (60 s)."
  }

  assert {
    condition     = !aws_lb_target_group.nodes.stickiness[0].enabled
    error_message = "A page may resume on any node."
  }

  assert {
    condition     = aws_lb_target_group.nodes.health_check[0].path == "/readyz"
    error_message = "Readiness decides who gets people."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13")
    error_message = "HTTP only redirects, and HTTPS is TLS 1.2 or better."
  }
}

run "a_node_ends_in_order" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = tonumber(aws_lb_target_group.nodes.deregistration_delay) == local.drain_seconds && local.container.stopTimeout > local.drain_seconds
    error_message = "The balancer waits for the drain, and nobody kills a node before it."
  }

  assert {
    condition     = aws_ecs_service.web.deployment_minimum_healthy_percent == 100 && aws_ecs_service.web.deployment_circuit_breaker[0].rollback
    error_message = "Old nodes stay until new ones are healthy, and come back if those never are."
  }
}

run "a_node_is_locked_up" {
  module {
    source = "./modules/service"
  }

  assert {
    condition = alltrue([
      for container in concat(local.tasks.web.containers, local.tasks.manage.containers) :
      container.readonlyRootFilesystem && contains(container.linuxParameters.capabilities.drop, "ALL")
    ])
    error_message = "No container writes to its image or has any capability."
  }

  assert {
    condition     = !strcontains(aws_ecs_task_definition.this["web"].container_definitions, "postgres://chatroom:")
    error_message = "A task definition is readable by many, and must hold no password."
  }

  assert {
    condition     = local.figures.secrets == [] && aws_vpc_security_group_ingress_rule.from_load_balancer.from_port == 8000
    error_message = "Who only counts needs no secrets; and only the load balancer reaches a node, on one port."
  }
}

run "settings_reach_the_nodes" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = contains(local.container.environment, { name = "SOCKETS_PER_MEMBER", value = "20" })
    error_message = "Any setting may be set."
  }

  assert {
    condition     = contains(local.container.environment, { name = "LOG_FORMAT", value = "plain" })
    error_message = "And one that follows from the rest may be set otherwise."
  }
}

run "nodes_are_added_by_sockets" {
  module {
    source = "./modules/service"
  }

  assert {
    condition = (
      aws_appautoscaling_policy.nodes["sockets"].target_tracking_scaling_policy_configuration[0].target_value == 1500 &&
      one(aws_appautoscaling_policy.nodes["sockets"].target_tracking_scaling_policy_configuration[0].customized_metric_specification).metric_name == "chatroom_connections"
    )
    error_message = "The average of chatroom_connections is held at nodes.sockets_per_node."
  }

  assert {
    condition     = aws_appautoscaling_target.nodes.min_capacity == 2 && aws_appautoscaling_target.nodes.max_capacity == 6
    error_message = "Between nodes.min and nodes.max."
  }
}
