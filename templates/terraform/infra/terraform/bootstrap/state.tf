locals {
  buckets = merge(
    { terraform = "State of Terraform" },
    { for name in ["trail"] : name => "Record of every call" if var.trail },
  )

  trail_arn = "arn:${local.partition}:cloudtrail:<% region %>:${var.account}:trail/${local.product}"

  trail_statements = [
    {
      Sid       = "TrailCheck"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = "arn:${local.partition}:s3:::${local.product}-trail-${var.account}"
      Condition = {
        StringEquals = { "aws:SourceArn" = local.trail_arn }
      }
    },
    {
      Sid       = "TrailWrite"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:${local.partition}:s3:::${local.product}-trail-${var.account}/AWSLogs/${var.account}/*"
      Condition = {
        StringEquals = {
          "aws:SourceArn" = local.trail_arn
          "s3:x-amz-acl"  = "bucket-owner-full-control"
        }
      }
    },
  ]
}

resource "aws_kms_key" "main" {
  for_each = local.buckets

  description             = "${local.product}: ${each.value}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "Account"
          Effect    = "Allow"
          Principal = { AWS = "arn:${local.partition}:iam::${var.account}:root" }
          Action    = "kms:*"
          Resource  = "*"
        },
      ],
      [
        for service in ["cloudtrail.amazonaws.com"] : {
          Sid       = "Trail"
          Effect    = "Allow"
          Principal = { Service = service }
          # Decrypt, as the bucket has a key of its own under this one: without it AWS refuses to make the trail.
          Action   = ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"]
          Resource = "*"
          Condition = {
            StringEquals = { "aws:SourceArn" = local.trail_arn }
          }
        } if each.key == "trail"
      ],
    )
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "main" {
  for_each = local.buckets

  name          = "alias/${local.product}-${each.key}"
  target_key_id = aws_kms_key.main[each.key].key_id
}

resource "aws_s3_bucket" "main" {
  for_each = local.buckets

  bucket = "${local.product}-${each.key}-${var.account}"

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

# A state that went wrong can be taken back.
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
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main[each.key].arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  for_each = local.buckets

  bucket = aws_s3_bucket.main[each.key].id

  rule {
    id     = "former-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days           = 90
      newer_noncurrent_versions = 20
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
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
      [for statement in local.trail_statements : statement if each.key == "trail"],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.main]
}
