# Every secret that infra/k8s and infra/monitoring read through External Secrets. A value goes from where it is made to Secrets
# Manager by write-only arguments: neither the state nor a plan ever holds one.
locals {
  # stores: written beside the store, in rds.tf and elasticache.tf. random: written below. supplied: a person writes it, as
  # docs/production/secrets.md says.
  secrets = {
    "database" = {
      stores = true
      supplied = [
      ]
      random = [
      ]
    }
    "redis" = {
      stores = true
      supplied = [
      ]
      random = [
      ]
    }
    "openai" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "anthropic" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "elevenlabs" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "meshy" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "suno" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "stripe" = {
      stores = false
      supplied = [
        "secret_key",
        "webhook_secret",
      ]
      random = [
      ]
    }
    "resend" = {
      stores = false
      supplied = [
        "api_key",
      ]
      random = [
      ]
    }
    "sentry" = {
      stores = false
      supplied = [
        "dsn",
      ]
      random = [
      ]
    }
    "crisp" = {
      stores = false
      supplied = [
        "website_id",
      ]
      random = [
      ]
    }
    "auth" = {
      stores = false
      supplied = [
      ]
      random = [
        { key = "nextauth_secret", length = 48 },
      ]
    }
    "grafana" = {
      stores = false
      supplied = [
        "github_client_id",
        "github_client_secret",
      ]
      random = [
        { key = "admin_user", length = 12 },
        { key = "admin_password", length = 32 },
      ]
    }
    "alertmanager" = {
      stores = false
      supplied = [
        "smtp_password",
        "pager_url",
        "slack_webhook",
        "heartbeat_url",
      ]
      random = [
      ]
    }
    "backup" = {
      stores = false
      supplied = [
        "service_key",
        "signing_key",
      ]
      random = [
      ]
    }
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
}

resource "aws_secretsmanager_secret" "main" {
  for_each = local.secrets

  name                    = "${local.product}/${var.environment}/${each.key}"
  description             = length(each.value.supplied) > 0 ? "Supplied: ${join(", ", each.value.supplied)}" : "Written by Terraform"
  kms_key_id              = aws_kms_key.main["data"].arn
  recovery_window_in_days = 30

  lifecycle {
    precondition {
      condition     = alltrue([for path in keys(var.secret_versions) : try(local.secrets[path].stores, false)])
      error_message = "secret_versions names what is no store. Other random secrets are replaced by rotate-secrets.yml."
    }
  }
}

ephemeral "aws_secretsmanager_random_password" "main" {
  for_each = local.random_lengths

  password_length     = each.value
  exclude_punctuation = true
}

# The first value, written once: from then on rotate-secrets.yml replaces random keys, and people put supplied ones beside them. The
# label of its own keeps AWS from forgetting this version after two changes, upon which Terraform would write over them.
resource "aws_secretsmanager_secret_version" "random" {
  for_each = { for path, secret in local.secrets : path => secret if length(secret.random) > 0 && !secret.stores }

  secret_id                = aws_secretsmanager_secret.main[each.key].id
  secret_string_wo         = jsonencode(local.random_values[each.key])
  secret_string_wo_version = 1
  version_stages           = ["AWSCURRENT", "terraform"]

  lifecycle {
    ignore_changes = [version_stages]
  }
}
