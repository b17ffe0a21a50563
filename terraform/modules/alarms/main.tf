# Alarms from a table: each module says what to watch of its own, here it is watched and mailed.

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:Encrypted where the deployment has a key of its own; alarms cannot use the one that AWS keeps for SNS
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = var.email
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = each.value.meaning

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.above != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = coalesce(each.value.above, each.value.below)
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.missing

  alarm_actions = concat([aws_sns_topic.this.arn], each.value.also)
  ok_actions    = [aws_sns_topic.this.arn]
}
