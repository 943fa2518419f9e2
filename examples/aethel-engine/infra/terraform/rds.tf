locals {
  databases = {
    "database" = {
      major   = "17"
      class   = "db.r7g.large"
      storage = 100
    }
  }

  # As PostgreSQL takes it without quotes.
  database_name = replace(local.product, "-", "_")

  database_logs = merge([
    for database in keys(local.databases) : {
      for log in ["postgresql", "upgrade"] : "${database}-${log}" => "/aws/rds/instance/${local.name}-${database}/${log}"
    }
  ]...)
}

resource "aws_db_subnet_group" "main" {
  name        = local.name
  description = "Subnets without a way out"
  subnet_ids  = [for zone in local.zones : aws_subnet.main["data-${zone}"].id]
}

resource "aws_security_group" "database" {
  name        = "${local.name}-database"
  description = "The cluster to the databases"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL from pods"
  referenced_security_group_id = local.cluster_security_group
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "main" {
  for_each = local.databases

  name_prefix = "${local.name}-${each.key}-"
  family      = "postgres${each.value.major}"
  description = "${local.name} ${each.key}"

  # Refuses connections without TLS.
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name         = "shared_preload_libraries"
    value        = "pg_stat_statements"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_lock_waits"
    value = "1"
  }

  # A client that died within a transaction does not hold its locks for ever.
  parameter {
    name  = "idle_in_transaction_session_timeout"
    value = "300000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

ephemeral "aws_secretsmanager_random_password" "database" {
  for_each = local.databases

  # Letters and digits: it stands in a URL as it is.
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_db_instance" "main" {
  for_each = local.databases

  identifier     = "${local.name}-${each.key}"
  engine         = "postgres"
  engine_version = each.value.major
  instance_class = lookup(var.database_sizes, each.key, each.value.class)
  multi_az       = var.database_multi_az

  db_name             = local.database_name
  username            = local.database_name
  password_wo         = ephemeral.aws_secretsmanager_random_password.database[each.key].random_password
  password_wo_version = lookup(var.secret_versions, each.key, 1)

  storage_type          = "gp3"
  allocated_storage     = each.value.storage
  max_allocated_storage = each.value.storage * 4
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.main["data"].arn

  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.main[each.key].name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  iam_database_authentication_enabled = true

  backup_retention_period   = var.database_backup_days
  backup_window             = "03:00-04:00"
  maintenance_window        = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${local.name}-${each.key}-final"

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  apply_immediately           = false

  database_insights_mode          = "standard"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.main["data"].arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.database_monitoring.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [
    aws_cloudwatch_log_group.database,
    aws_iam_role_policy_attachment.database_monitoring,
  ]
}

# Beside the password, so that no failure of anything else comes between the two.
resource "aws_secretsmanager_secret_version" "database" {
  for_each = local.databases

  secret_id = aws_secretsmanager_secret.main[each.key].id
  secret_string_wo = jsonencode(merge(
    local.random_values[each.key],
    {
      url = format(
        "postgresql://%s:%s@%s/%s?sslmode=require",
        local.database_name,
        ephemeral.aws_secretsmanager_random_password.database[each.key].random_password,
        aws_db_instance.main[each.key].endpoint,
        local.database_name,
      )
    },
  ))
  secret_string_wo_version = lookup(var.secret_versions, each.key, 1)
}

resource "aws_cloudwatch_log_group" "database" {
  for_each = local.database_logs

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main["telemetry"].arn
}

resource "aws_iam_role" "database_monitoring" {
  name                 = "${local.name}-database-monitoring"
  permissions_boundary = local.boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "monitoring.rds.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  role       = aws_iam_role.database_monitoring.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
