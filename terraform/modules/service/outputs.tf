output "node_security_group_id" {
  value = aws_security_group.nodes.id
}

output "address" {
  description = "Where the domain must point, as a CNAME or an alias."
  value       = aws_lb.this.dns_name
}

output "run_task" {
  description = "What `aws ecs run-task --cli-input-json` needs for a command of its own."
  value = jsonencode({
    cluster        = aws_ecs_cluster.this.name
    taskDefinition = aws_ecs_task_definition.this["manage"].arn
    launchType     = "FARGATE"
    networkConfiguration = { awsvpcConfiguration = {
      subnets        = var.network.private_subnet_ids
      securityGroups = [aws_security_group.nodes.id]
    } }
  })
}

output "task_definition" {
  description = "What the nodes are to run."
  value       = aws_ecs_task_definition.this["web"].arn
}

output "cluster" {
  value = aws_ecs_cluster.this.name
}

output "log_group" {
  value = aws_cloudwatch_log_group.nodes.name
}

output "alarms" {
  value = {
    nodes-missing = merge(local.watched_targets, {
      metric  = "HealthyHostCount", statistic = "Minimum", below = var.nodes.min, missing = "breaching"
      meaning = "Fewer healthy nodes than nodes.min for five minutes: see the service's events and the nodes' log."
    })
    nodes-unhealthy = merge(local.watched_targets, {
      metric  = "UnHealthyHostCount", statistic = "Maximum", above = 0
      meaning = "A node does not answer /readyz with 200: it is replaced. If it keeps happening, see the nodes' log."
    })
    errors-of-nodes = merge(local.watched_targets, {
      metric  = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 5, minutes = 3
      meaning = "The nodes answer with errors: see their log."
    })
    errors-of-balancer = merge(local.watched_balancer, {
      metric  = "HTTPCode_ELB_5XX_Count", statistic = "Sum", above = 5, minutes = 3
      meaning = "The load balancer finds no node that answers."
    })
    nodes-cpu = merge(local.watched_service, {
      metric  = "CPUUtilization", above = 85, minutes = 15
      meaning = "The nodes are busy though more may be added: raise nodes.max, or nodes.cpu."
    })
    nodes-memory = merge(local.watched_service, {
      metric  = "MemoryUtilization", statistic = "Maximum", above = 85, minutes = 10
      meaning = "A node is short of memory and will be killed when it is out of it: raise nodes.memory, or lower nodes.sockets_per_node."
    })
    nodes-crowded = merge(local.connections, {
      above   = floor(var.nodes.sockets_per_node * 1.25), minutes = 10
      meaning = "Each node carries a quarter more sockets than nodes.sockets_per_node: there are nodes.max already. Raise it."
    })
    figures-missing = merge(local.connections, {
      statistic = "SampleCount", below = var.nodes.min, minutes = 15, missing = "breaching"
      meaning   = "Not every node tells how many sockets it has, and autoscaling goes by that: see the streams node/figures in the log."
    })
    nodes-running = {
      namespace  = "ECS/ContainerInsights"
      dimensions = { ClusterName = aws_ecs_cluster.this.name, ServiceName = aws_ecs_service.web.name }
      metric     = "RunningTaskCount", statistic = "Minimum", below = var.nodes.min, missing = "breaching"
      meaning    = "Fewer tasks run than nodes.min: they end at once, or cannot be started. See the service's events."
    }
  }
}

locals {
  watched_balancer = { namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = aws_lb.this.arn_suffix } }
  watched_targets = { namespace = "AWS/ApplicationELB", dimensions = {
    LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = aws_lb_target_group.nodes.arn_suffix
  } }
  watched_service = { namespace = "AWS/ECS", dimensions = {
    ClusterName = aws_ecs_cluster.this.name, ServiceName = aws_ecs_service.web.name
  } }
}
