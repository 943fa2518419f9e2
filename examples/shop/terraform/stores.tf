resource "aws_db_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = module.vpc.private_subnets
}

resource "aws_db_parameter_group" "shop" {
  name   = "shop-postgres18"
  family = "postgres18"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "shop" {
  identifier              = "shop"
  engine                  = "postgres"
  engine_version          = "18.6" # pg_dump in backup/Dockerfile has to be of the same major version
  instance_class          = var.database_instance_class
  allocated_storage       = 50
  max_allocated_storage   = 500
  storage_encrypted       = true
  multi_az                = true
  db_name                 = "shop"
  username                = "shop"
  password_wo             = ephemeral.random_password.database.result
  password_wo_version     = var.secrets_version
  db_subnet_group_name    = aws_db_subnet_group.shop.name
  parameter_group_name    = aws_db_parameter_group.shop.name
  vpc_security_group_ids  = [aws_security_group.stores.id]
  backup_retention_period = 14
  deletion_protection     = true
  skip_final_snapshot     = false

  final_snapshot_identifier = "shop-final"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_elasticache_subnet_group" "shop" {
  name       = "shop"
  subnet_ids = module.vpc.private_subnets
}

resource "aws_elasticache_replication_group" "shop" {
  replication_group_id       = "shop"
  description                = "cache of the shop"
  engine                     = "valkey"
  engine_version             = "9.1"
  node_type                  = var.cache_node_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token_wo              = ephemeral.random_password.cache.result
  auth_token_wo_version      = var.secrets_version
  subnet_group_name          = aws_elasticache_subnet_group.shop.name
  security_group_ids         = [aws_security_group.stores.id]
}
