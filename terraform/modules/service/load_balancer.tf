# The front door: TLS, and sockets that stay open for days.

resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28:Rate limits are the room's own, by member and address; a WAF costs more than the nodes and sees nothing inside a socket
  #checkov:skip=CKV_AWS_150:Deletion protection is a switch, on until a deployment is torn down
  name               = var.name
  load_balancer_type = "application"
  subnets            = var.network.public_subnet_ids
  security_groups    = [aws_security_group.load_balancer.id]

  # Between two bounds. Above the node's ping of 25 s, or quiet sockets are cut; below the 60 s after
  # which Daphne closes an idle HTTP connection, or the balancer sends a request into one that is
  # just being closed, and the person sees a 502.
  idle_timeout = 55

  drop_invalid_header_fields = true
  enable_deletion_protection = var.protect

  access_logs {
    bucket  = aws_s3_bucket.access_logs.id
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "nodes" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; from there to the nodes it is our own VPC
  name        = var.name
  vpc_id      = var.network.vpc_id
  target_type = "ip"
  protocol    = "HTTP"
  port        = local.port

  # A socket is a request that never ends: the node with the fewest gets the next, so that a new node
  # fills up after a deployment instead of waiting for its turn.
  load_balancing_algorithm_type = "least_outstanding_requests"

  # No stickiness. A socket is one connection and stays where it is; a page that comes back may
  # resume on any node, since the log is in the database.
  stickiness {
    type    = "lb_cookie"
    enabled = false
  }

  # As long as a node's own drain. ECS sends its SIGTERM only when this has passed, so here it is
  # the balancer that ends sockets; pages come back by themselves (docs/operate/cloud.md).
  deregistration_delay = local.drain_seconds

  # /readyz does not fail when the database does: if it did, every node would be replaced at once.
  # A node that is merely busy has a minute to recover.
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 6
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.nodes.arn
  }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-balancer"
  description = "The front door: HTTPS from everywhere, on to the nodes"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  #checkov:skip=CKV_AWS_260:Port 80 only redirects to HTTPS
  for_each = { HTTP = 80, HTTPS = 443 }

  security_group_id = aws_security_group.load_balancer.id
  description       = "${each.key} from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "to_nodes" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "The nodes"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
