# The name and its certificate, where there is a zone to enter them in.

locals {
  in_zone         = var.zone_id == null ? toset([]) : toset([var.domain])
  certificate_arn = var.zone_id == null ? var.certificate_arn : aws_acm_certificate_validation.this[var.domain].certificate_arn
}

resource "aws_acm_certificate" "this" {
  for_each = local.in_zone

  domain_name       = each.key
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "proof" {
  for_each = local.in_zone

  zone_id         = var.zone_id
  name            = one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this[each.key].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  for_each = local.in_zone

  certificate_arn         = aws_acm_certificate.this[each.key].arn
  validation_record_fqdns = [aws_route53_record.proof[each.key].fqdn]
}

resource "aws_route53_record" "this" {
  for_each = local.in_zone

  zone_id = var.zone_id
  name    = each.key
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}
