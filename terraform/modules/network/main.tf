# A VPC in rows: public subnets (load balancer, NAT), private ones (nodes) and, with no way out at
# all, those of the data.

data "aws_availability_zones" "these" {
  #checkov:skip=CKV_AWS_394:The first two or three of the list are taken; a zone that is added comes at its end
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "this" {}

locals {
  zones         = slice(data.aws_availability_zones.these.names, 0, var.zones)
  private_zones = var.private ? local.zones : []
  nat_zones     = { one = slice(local.private_zones, 0, min(1, length(local.private_zones))), per_az = local.private_zones, none = [] }[var.nat]
  # Sixteen equal blocks: 0–3 public, 4–7 private, 8–11 data, the rest for what may come.
  block = { for row, first in { public = 0, private = 4, data = 8 } : row => {
    for at, zone in local.zones : zone => cidrsubnet(var.cidr, 4, first + at)
  } }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Whatever is put here without a security group of its own reaches nothing.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-closed" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = local.block.public[each.key]

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }

  tags = { Name = "${var.name}-public" }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_subnet" "private" {
  for_each = toset(local.private_zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = local.block.private[each.key]

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# The VPC's main route table knows no way out, and these subnets have no other.
resource "aws_subnet" "data" {
  for_each = toset(local.private_zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = local.block.data[each.key]

  tags = { Name = "${var.name}-data-${each.key}" }
}
