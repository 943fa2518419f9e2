locals {
  data_buckets = ["uploads"]

  # Name of the bucket -> its key and the days after which its objects end, 0 for never.
  buckets = merge(
    { for bucket in local.data_buckets : bucket => { key = "data", expire = 0 } },
    {
      # Written by aetheld, which also decides what is kept.
      backups = { key = "backups", expire = 0 }
      # Written by Loki, which removes what is past its retention.
      logs = { key = "telemetry", expire = 0 }
      # Written by AWS: who asked which bucket for what, which address talked to which. Access logs cannot be delivered under a key of ours.
      audit = { key = "none", expire = 400 }
    },
  )
}

resource "aws_s3_bucket" "main" {
  for_each = local.buckets

  bucket              = "${local.name}-${each.key}-${local.account}"
  object_lock_enabled = each.key == "backups"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.main[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  rule {
    bucket_key_enabled = each.value.key != "none"

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.key == "none" ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.key == "none" ? null : aws_kms_key.main[each.value.key].arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # A deleted or overwritten object can be brought back for a month.
  rule {
    id     = "former-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    expiration {
      days                         = each.value.expire > 0 ? each.value.expire : null
      expired_object_delete_marker = each.value.expire > 0 ? null : true
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_object_lock_configuration" "backups" {
  bucket = aws_s3_bucket.main["backups"].id

  rule {
    default_retention {
      mode = var.backup_lock.mode
      days = var.backup_lock.days
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_logging" "main" {
  for_each = { for name, bucket in local.buckets : name => bucket if name != "audit" }

  bucket        = aws_s3_bucket.main[each.key].id
  target_bucket = aws_s3_bucket.main["audit"].id
  target_prefix = "s3/${each.key}/"

  depends_on = [aws_s3_bucket_policy.main]
}

locals {
  audit_statements = [
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.main["audit"].arn}/s3/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    },
    {
      Sid       = "FlowLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.main["audit"].arn}/flow/AWSLogs/${local.account}/*"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account
          "s3:x-amz-acl"      = "bucket-owner-full-control"
        }
      }
    },
    {
      Sid       = "FlowLogsCheck"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
      Resource  = aws_s3_bucket.main["audit"].arn
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    },
  ]
}

resource "aws_s3_bucket_policy" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "TlsOnly"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [aws_s3_bucket.main[each.key].arn, "${aws_s3_bucket.main[each.key].arn}/*"]
          Condition = {
            Bool = { "aws:SecureTransport" = "false" }
          }
        },
      ],
      [for statement in local.audit_statements : statement if each.key == "audit"],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.main]
}
