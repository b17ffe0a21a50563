# Two reasons to add a node, either is enough: sockets (memory, and who is cut off at once if it
# dies) and CPU (what is said in large rooms). A node goes only when both agree, and slowly: its
# people must move.

locals {
  scaled_by = {
    # ALBRequestCountPerTarget counts a socket once, when it opens, and ActiveConnectionCount counts
    # idle HTTP connections too: so each node says how many sockets it has (figures.tf).
    sockets = { target = var.nodes.sockets_per_node, predefined = null }
    cpu     = { target = 60, predefined = "ECSServiceAverageCPUUtilization" }
  }
}

resource "aws_appautoscaling_target" "nodes" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.web.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.nodes.min
  max_capacity       = var.nodes.max
}

resource "aws_appautoscaling_policy" "nodes" {
  for_each = local.scaled_by

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.nodes.service_namespace
  resource_id        = aws_appautoscaling_target.nodes.resource_id
  scalable_dimension = aws_appautoscaling_target.nodes.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = 60
    scale_in_cooldown  = 900

    dynamic "predefined_metric_specification" {
      for_each = each.value.predefined[*]

      content {
        predefined_metric_type = predefined_metric_specification.value
      }
    }

    dynamic "customized_metric_specification" {
      for_each = each.value.predefined == null ? [local.connections] : []

      content {
        namespace   = customized_metric_specification.value.namespace
        metric_name = customized_metric_specification.value.metric
        statistic   = "Average"

        dimensions {
          name  = "Deployment"
          value = var.name
        }
      }
    }
  }
}
