# Every secret that infra/k8s and infra/monitoring read through External Secrets. A value goes from where it is made to Secrets
# Manager by write-only arguments: neither the state nor a plan ever holds one.
locals {
  # stores: rds.tf or elasticache.tf writes it. supplied: a person writes it, by put-secret.sh. random: written below.
  secrets = {
<%# secret_paths %>
    "<% path %>" = {
      stores = <%# store %>true<%/ store %><%^ store %>false<%/ store %>
      supplied = [
<%# keys %>
<%# supplier %>
        "<% key %>",
<%/ supplier %>
<%/ keys %>
      ]
      random = [
<%# keys %>
<%# random %>
        { key = "<% key %>", length = <% random %> },
<%/ random %>
<%/ keys %>
      ]
    }
<%/ secret_paths %>
  }

  random_lengths = merge([
    for path, secret in local.secrets : {
      for random in secret.random : "${path}/${random.key}" => random.length
    }
  ]...)

  random_values = {
    for path, secret in local.secrets : path => {
      for random in secret.random : random.key => ephemeral.aws_secretsmanager_random_password.main["${path}/${random.key}"].random_password
    }
  }

  random_only  = [for path, secret in local.secrets : path if length(secret.random) > 0 && length(secret.supplied) == 0 && !secret.stores]
  random_mixed = [for path, secret in local.secrets : path if length(secret.random) > 0 && length(secret.supplied) > 0 && !secret.stores]
}

resource "aws_secretsmanager_secret" "main" {
  for_each = local.secrets

  name                    = "${local.product}/${var.environment}/${each.key}"
  description             = length(each.value.supplied) > 0 ? "Supplied: ${join(", ", each.value.supplied)}" : "Written by Terraform"
  kms_key_id              = aws_kms_key.main["data"].arn
  recovery_window_in_days = 30
}

ephemeral "aws_secretsmanager_random_password" "main" {
  for_each = local.random_lengths

  password_length     = each.value
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "random" {
  for_each = toset(local.random_only)

  secret_id                = aws_secretsmanager_secret.main[each.key].id
  secret_string_wo         = jsonencode(local.random_values[each.key])
  secret_string_wo_version = lookup(var.secret_versions, each.key, 1)
}

# Supplied keys beside random ones: written once, so that the random ones exist; from then on the secret belongs to put-secret.sh,
# which keeps what it is not told to change. The label keeps this version from being forgotten by AWS, upon which Terraform would
# write again over what people supplied.
resource "aws_secretsmanager_secret_version" "mixed" {
  for_each = toset(local.random_mixed)

  secret_id                = aws_secretsmanager_secret.main[each.key].id
  secret_string_wo         = jsonencode(local.random_values[each.key])
  secret_string_wo_version = 1
  version_stages           = ["AWSCURRENT", "terraform"]

  lifecycle {
    ignore_changes = [version_stages]
  }
}
