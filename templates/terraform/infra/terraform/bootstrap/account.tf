# GitHub's tokens are accepted in this account; which roles they open is in github.tf of each environment.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# Of the whole account: a bucket of something else that is public for a reason is no longer.
resource "aws_s3_account_public_access_block" "main" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# The volumes that the cluster's storage driver makes too.
resource "aws_ebs_encryption_by_default" "main" {
  enabled = true
}

resource "aws_accessanalyzer_analyzer" "main" {
  analyzer_name = local.product
  type          = "ACCOUNT"
}

resource "aws_cloudtrail" "main" {
  count = var.trail ? 1 : 0

  name                          = local.product
  s3_bucket_name                = aws_s3_bucket.main["trail"].id
  kms_key_id                    = aws_kms_key.main["trail"].arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  # Also who read or wrote the state.
  event_selector {
    read_write_type           = "All"
    include_management_events = true

    data_resource {
      type   = "AWS::S3::Object"
      values = ["${aws_s3_bucket.main["terraform"].arn}/"]
    }
  }

  depends_on = [aws_s3_bucket_policy.main]
}

resource "aws_budgets_budget" "main" {
  name         = local.product
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = {
      ACTUAL     = 80
      FORECASTED = 100
    }

    content {
      notification_type          = notification.key
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = [var.email]
    }
  }
}
