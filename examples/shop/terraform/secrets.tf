# The only producer of what k8s/base/secrets.yaml and monitoring/kubernetes/secrets.yaml read. Ephemeral values and
# write-only arguments: no password is in the state.
ephemeral "random_password" "database" {
  length  = 40
  special = false
}

ephemeral "random_password" "cache" {
  length  = 40
  special = false
}

ephemeral "random_password" "order_signing_key" {
  length  = 64
  special = false
}

ephemeral "random_password" "grafana" {
  length  = 32
  special = false
}

locals {
  database_address = "${aws_db_instance.shop.address}:5432/shop"
  cache_address    = "${aws_elasticache_replication_group.shop.primary_endpoint_address}:6379"
}

resource "aws_secretsmanager_secret" "app" {
  name = "shop/app"
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id                = aws_secretsmanager_secret.app.id
  secret_string_wo_version = var.secrets_version
  secret_string_wo = jsonencode({
    DATABASE_URL      = "postgres://shop:${ephemeral.random_password.database.result}@${local.database_address}"
    REDIS_URL         = "rediss://:${ephemeral.random_password.cache.result}@${local.cache_address}"
    ORDER_SIGNING_KEY = ephemeral.random_password.order_signing_key.result
  })
}

resource "aws_secretsmanager_secret" "monitoring" {
  name = "shop/monitoring"
}

resource "aws_secretsmanager_secret_version" "monitoring" {
  secret_id                = aws_secretsmanager_secret.monitoring.id
  secret_string_wo_version = var.secrets_version
  secret_string_wo = jsonencode({
    GRAFANA_ADMIN_PASSWORD = ephemeral.random_password.grafana.result
    ALERT_WEBHOOK_URL      = var.alert_webhook_url
    HEARTBEAT_URL          = var.heartbeat_url
    DATABASE_URL           = "postgres://shop:${ephemeral.random_password.database.result}@${local.database_address}?sslmode=require"
    CACHE_ADDRESS          = "rediss://${local.cache_address}"
    CACHE_PASSWORD         = ephemeral.random_password.cache.result
  })
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [aws_secretsmanager_secret.app.arn, aws_secretsmanager_secret.monitoring.arn]
  }
}
