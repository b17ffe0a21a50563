# One machine that runs docker compose: Caddy, two nodes, PostgreSQL, Redis.

module "network" {
  source = "../../modules/network"

  name    = var.name
  cidr    = "10.20.0.0/24"
  zones   = 1
  private = false
}

module "alarms" {
  source = "../../modules/alarms"

  name  = var.name
  email = var.alarm_email
  alarms = {
    machine-host = merge(local.watched, {
      metric  = "StatusCheckFailed_System", statistic = "Maximum", above = 0, minutes = 2
      also    = ["arn:${data.aws_partition.this.partition}:automate:${data.aws_region.this.name}:ec2:recover"]
      meaning = "The host under the machine has failed: the machine is being moved to another, and starts again with its disk."
    })
    machine-itself = merge(local.watched, {
      metric  = "StatusCheckFailed_Instance", statistic = "Maximum", above = 0, minutes = 5
      meaning = "The machine does not answer: look at it with SSM, or reboot it."
    })
    machine-cpu = merge(local.watched, {
      metric  = "CPUUtilization", above = 85, minutes = 15
      meaning = "The machine is busy: take a larger machine.type."
    })
    machine-credits = merge(local.watched, {
      metric  = "CPUCreditBalance", below = 20, minutes = 15
      meaning = "The machine's credits are nearly spent; beyond them each hour of CPU costs extra. Take a larger machine.type."
    })
  }
}

locals {
  watched = { namespace = "AWS/EC2", dimensions = { InstanceId = aws_instance.this.id } }
}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_route53_record" "this" {
  count = var.zone_id == null ? 0 : 1

  zone_id = var.zone_id
  name    = var.domain
  type    = "A"
  ttl     = 300
  records = [aws_eip.this.public_ip]
}
