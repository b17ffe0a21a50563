output "endpoint" {
  description = "host:port"
  value       = "${aws_elasticache_replication_group.this.primary_endpoint_address}:6379"
}

output "alarms" {
  value = {
    redis-memory = merge(local.watched, {
      metric  = "DatabaseMemoryUsagePercentage", above = 80
      meaning = "Redis should be nearly empty: something else writes into it. The room goes on without it, more slowly."
    })
    redis-cpu = merge(local.watched, {
      metric  = "EngineCPUUtilization", above = 80, minutes = 15
      meaning = "Redis is busy: take a larger cache.node_type."
    })
  }
}

locals {
  # The first of the cache clusters that a replication group makes.
  watched = { namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = "${aws_elasticache_replication_group.this.id}-001" } }
}
