locals {
  caches = {
    "redis" = {
      version = "9"
      class   = "cache.r7g.large"
    }
  }

  # ElastiCache wants the minor version too; the newest known one where only the major is given.
  valkey_newest = "9.1"
  cache_versions = {
    for name, cache in local.caches : name => (
      strcontains(cache.version, ".") ? cache.version
      : startswith(local.valkey_newest, "${cache.version}.") ? local.valkey_newest
      : "${cache.version}.0"
    )
  }

  cache_logs = merge([
    for cache in keys(local.caches) : {
      for log in ["slow-log", "engine-log"] : "${cache}-${log}" => "/aws/elasticache/${local.name}-${cache}/${log}"
    }
  ]...)
}

resource "aws_elasticache_subnet_group" "main" {
  name        = local.name
  description = "Subnets without a way out"
  subnet_ids  = [for zone in local.zones : aws_subnet.main["data-${zone}"].id]
}

resource "aws_security_group" "cache" {
  name        = "${local.name}-cache"
  description = "The cluster to the caches"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  security_group_id            = aws_security_group.cache.id
  description                  = "Valkey from pods"
  referenced_security_group_id = local.cluster_security_group
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_parameter_group" "main" {
  for_each = local.caches

  name        = "${local.name}-${each.key}-valkey${split(".", each.value.version)[0]}"
  family      = "valkey${split(".", each.value.version)[0]}"
  description = "${local.name} ${each.key}"

  # Keys without an expiry are queues and sessions: a full cache refuses writes rather than drop them.
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

ephemeral "aws_secretsmanager_random_password" "cache" {
  for_each = local.caches

  password_length     = 64
  exclude_punctuation = true
}

resource "aws_elasticache_replication_group" "main" {
  for_each = local.caches

  replication_group_id = "${local.name}-${each.key}"
  description          = "${local.name} ${each.key}"
  engine               = "valkey"
  engine_version       = local.cache_versions[each.key]
  node_type            = lookup(var.cache_sizes, each.key, each.value.class)
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.main[each.key].name

  num_cache_clusters         = 1 + var.cache_replicas
  automatic_failover_enabled = true
  multi_az_enabled           = true

  subnet_group_name  = aws_elasticache_subnet_group.main.name
  security_group_ids = [aws_security_group.cache.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main["data"].arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  # ROTATE: the former token is good until the next change, so that pods can follow one by one.
  auth_token_wo              = ephemeral.aws_secretsmanager_random_password.cache[each.key].random_password
  auth_token_wo_version      = lookup(var.secret_versions, each.key, 1)
  auth_token_update_strategy = "ROTATE"

  auto_minor_version_upgrade = true
  apply_immediately          = false
  snapshot_retention_limit   = 7
  snapshot_window            = "02:00-03:00"
  maintenance_window         = "sun:05:30-sun:06:30"
  final_snapshot_identifier  = "${local.name}-${each.key}-final"
  notification_topic_arn     = aws_sns_topic.alarms.arn

  dynamic "log_delivery_configuration" {
    for_each = ["slow-log", "engine-log"]

    content {
      log_type         = log_delivery_configuration.value
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = aws_cloudwatch_log_group.cache["${each.key}-${log_delivery_configuration.value}"].name
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_secretsmanager_secret_version" "cache" {
  for_each = local.caches

  secret_id = aws_secretsmanager_secret.main[each.key].id
  secret_string_wo = jsonencode(merge(
    local.random_values[each.key],
    {
      url = format(
        "rediss://:%s@%s:6379/0",
        ephemeral.aws_secretsmanager_random_password.cache[each.key].random_password,
        aws_elasticache_replication_group.main[each.key].primary_endpoint_address,
      )
    },
  ))
  secret_string_wo_version = lookup(var.secret_versions, each.key, 1)
}

resource "aws_cloudwatch_log_group" "cache" {
  for_each = local.cache_logs

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main["telemetry"].arn
}
