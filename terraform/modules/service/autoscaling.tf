# Two reasons to add a node, either is enough: sockets (memory, and who is cut off at once if it
# dies) and CPU (what is said in large rooms). A node goes only when both agree, and slowly: its
# people must move.

resource "aws_appautoscaling_target" "nodes" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.web.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.nodes.min
  max_capacity       = var.nodes.max
}

resource "aws_appautoscaling_policy" "sockets" {
  name               = "${var.name}-sockets"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.nodes.service_namespace
  resource_id        = aws_appautoscaling_target.nodes.resource_id
  scalable_dimension = aws_appautoscaling_target.nodes.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.nodes.sockets_per_node
    scale_out_cooldown = 60
    scale_in_cooldown  = 900

    # ALBRequestCountPerTarget counts a socket once, when it opens. Connections are counted on both
    # sides of the balancer, and per balancer only: half of them, divided by the nodes.
    customized_metric_specification {
      metrics {
        id          = "per_node"
        label       = "Sockets per node"
        expression  = "FILL(connections, 0) / 2 / nodes"
        return_data = true
      }

      metrics {
        id          = "connections"
        return_data = false

        metric_stat {
          stat = "Sum"

          metric {
            namespace   = "AWS/ApplicationELB"
            metric_name = "ActiveConnectionCount"

            dimensions {
              name  = "LoadBalancer"
              value = aws_lb.this.arn_suffix
            }
          }
        }
      }

      metrics {
        id          = "nodes"
        return_data = false

        metric_stat {
          stat = "Minimum"

          metric {
            namespace   = "AWS/ApplicationELB"
            metric_name = "HealthyHostCount"

            dimensions {
              name  = "LoadBalancer"
              value = aws_lb.this.arn_suffix
            }

            dimensions {
              name  = "TargetGroup"
              value = aws_lb_target_group.nodes.arn_suffix
            }
          }
        }
      }
    }
  }
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.nodes.service_namespace
  resource_id        = aws_appautoscaling_target.nodes.resource_id
  scalable_dimension = aws_appautoscaling_target.nodes.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_out_cooldown = 60
    scale_in_cooldown  = 900

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
