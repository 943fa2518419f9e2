# What must reach a person even when the cluster, and Prometheus in it, is down. Everything else is in infra/monitoring.
resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = aws_kms_key.main["telemetry"].arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Aws"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })
}

# AWS mails a link that must be followed once.
resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  alarms = merge(
    {
      gateway-unreachable = {
        description = "No node answers on the gateway's port: the sites are down"
        namespace   = "AWS/NetworkELB"
        metric      = "HealthyHostCount"
        statistic   = "Minimum"
        comparison  = "LessThanThreshold"
        threshold   = 1
        minutes     = 3
        missing     = "breaching"
        dimensions = {
          LoadBalancer = aws_lb.main.arn_suffix
          TargetGroup  = aws_lb_target_group.main["https"].arn_suffix
        }
      }
    },
    merge([
      for name, database in local.databases : {
        "${name}-storage" = {
          description = "Less than a tenth of the storage is free"
          namespace   = "AWS/RDS"
          metric      = "FreeStorageSpace"
          statistic   = "Minimum"
          comparison  = "LessThanThreshold"
          threshold   = database.storage * 1024 * 1024 * 1024 / 10
          minutes     = 15
          missing     = "breaching"
          dimensions  = { DBInstanceIdentifier = aws_db_instance.main[name].identifier }
        }
        "${name}-cpu" = {
          description = "The processor has been busy for a quarter of an hour"
          namespace   = "AWS/RDS"
          metric      = "CPUUtilization"
          statistic   = "Average"
          comparison  = "GreaterThanThreshold"
          threshold   = 90
          minutes     = 15
          missing     = "missing"
          dimensions  = { DBInstanceIdentifier = aws_db_instance.main[name].identifier }
        }
      }
    ]...),
    merge([
      for name in keys(local.caches) : {
        for member in range(1 + var.cache_replicas) : format("%s-memory-%03d", name, member + 1) => {
          description = "The cache is nearly full"
          namespace   = "AWS/ElastiCache"
          metric      = "DatabaseMemoryUsagePercentage"
          statistic   = "Maximum"
          comparison  = "GreaterThanThreshold"
          threshold   = 85
          minutes     = 15
          missing     = "breaching"
          dimensions  = { CacheClusterId = format("%s-%s-%03d", local.name, name, member + 1) }
        }
      }
    ]...),
  )
}

resource "aws_cloudwatch_metric_alarm" "main" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.missing
  dimensions          = each.value.dimensions
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_db_event_subscription" "main" {
  name             = "${local.name}-databases"
  sns_topic        = aws_sns_topic.alarms.arn
  source_type      = "db-instance"
  source_ids       = [for database in aws_db_instance.main : database.identifier]
  event_categories = ["failover", "failure", "low storage", "maintenance", "recovery"]
}
