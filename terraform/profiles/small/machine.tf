# The machine. Nobody signs in to it over the network: there is no SSH, only SSM.

locals {
  # The letter g after the generation is Graviton: t4g, c7g.
  architecture = can(regex("^[a-z]+[0-9]g", var.machine.type)) ? "arm64" : "amd64"
}

data "aws_ssm_parameter" "ubuntu" {
  name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/${local.architecture}/hvm/ebs-gp3/ami-id"
}

resource "aws_instance" "this" {
  #checkov:skip=CKV_AWS_126:The alarms read what EC2 tells every five minutes for nothing
  ami                    = data.aws_ssm_parameter.ubuntu.insecure_value
  instance_type          = var.machine.type
  subnet_id              = module.network.public_subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.this.id]
  iam_instance_profile   = aws_iam_instance_profile.this.name
  ebs_optimized          = true
  # Against a slip in the console; a destroy leaves a snapshot of the disk whatever this says.
  disable_api_termination = var.protect

  user_data = join("\n", [
    "#!/bin/bash",
    "ENVIRONMENT='${join("\n", [for name, value in var.environment : "${name}=${value}"])}'",
    "VOLUME='${aws_ebs_volume.data.id}' REPOSITORY='${var.code.repository}' REF='${var.code.ref}' DOMAIN='${var.domain}'",
    file("${path.module}/boot.sh"),
  ])

  root_block_device {
    volume_type = "gp3"
    volume_size = 12
    encrypted   = true
  }

  # Containers are one hop further away, and must not borrow the machine's role.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  tags        = { Name = var.name }
  volume_tags = null

  lifecycle {
    # A newer image of Ubuntu, or another ref, is no reason to make the machine anew: it updates
    # itself, and `deploy` upgrades the chatroom in place.
    ignore_changes = [ami, user_data]
  }
}

resource "aws_eip" "this" {
  domain = "vpc"

  tags = { Name = var.name }
}

resource "aws_eip_association" "this" {
  allocation_id = aws_eip.this.id
  instance_id   = aws_instance.this.id
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "The front door: HTTP, for certificates and the way to HTTPS, and HTTPS"
  vpc_id      = module.network.vpc_id

  tags = { Name = var.name }
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  #checkov:skip=CKV_AWS_260:Port 80 proves the domain to the certificate authority and redirects to HTTPS
  for_each = {
    HTTP  = { protocol = "tcp", port = 80 }
    HTTPS = { protocol = "tcp", port = 443 }
    HTTP3 = { protocol = "udp", port = 443 }
  }

  security_group_id = aws_security_group.this.id
  description       = "${each.key} from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = each.value.protocol
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "web" {
  for_each = { HTTP = 80, HTTPS = 443 }

  security_group_id = aws_security_group.this.id
  description       = "${each.key}: packages, images, certificates, SSM"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_iam_role" "this" {
  name_prefix        = "${var.name}-machine-"
  assume_role_policy = data.aws_iam_policy_document.machines_may_assume.json
}

data "aws_iam_policy_document" "machines_may_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "this" {
  name_prefix = "${var.name}-machine-"
  role        = aws_iam_role.this.name
}

# `aws ssm send-command --document-name <name>-deploy`: the outputs show it in full.
resource "aws_ssm_document" "deploy" {
  name            = "${var.name}-deploy"
  document_type   = "Command"
  document_format = "YAML"
  target_type     = "/AWS::EC2::Instance"

  content = yamlencode({
    schemaVersion = "2.2"
    description   = "Runs another version of the chatroom, after its migrations."
    parameters = {
      ref = {
        type           = "String"
        description    = "The tag, branch or commit to run."
        allowedPattern = "^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$"
      }
    }
    mainSteps = [{
      action = "aws:runShellScript"
      name   = "deploy"
      inputs = { timeoutSeconds = "1800", runCommand = ["/srv/chatroom/terraform/profiles/small/deploy '{{ ref }}'"] }
    }]
  })
}
