locals {
  repositories = [
    "web",
    "runtime",
    "aetheld",
  ]
}

resource "aws_kms_key" "images" {
  description             = "${local.product}: images"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "images" {
  name          = "alias/${local.product}-images"
  target_key_id = aws_kms_key.images.key_id
}

resource "aws_ecr_repository" "main" {
  for_each = toset(local.repositories)

  name = "${local.product}/${each.key}"

  # A tag that could be moved would make "the same image as in staging" a matter of trust.
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Counted by tag: a build leaves several objects without one, and what runs must not go for the sake of attestations.
resource "aws_ecr_lifecycle_policy" "main" {
  for_each = aws_ecr_repository.main

  repository = each.value.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What no tag points at"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Enough to roll back to"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 1000
        }
        action = { type = "expire" }
      },
    ]
  })
}

# Nodes of the other accounts pull, and the deploy role of the environment that builds pushes.
resource "aws_ecr_repository_policy" "main" {
  for_each = length(local.other_accounts) > 0 ? aws_ecr_repository.main : {}

  repository = each.value.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Pull"
        Effect    = "Allow"
        Principal = { AWS = [for account in local.other_accounts : "arn:${local.partition}:iam::${account}:root"] }
        Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
      },
      {
        Sid       = "Push"
        Effect    = "Allow"
        Principal = { AWS = [for account in local.other_accounts : "arn:${local.partition}:iam::${account}:root"] }
        Action    = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = [
              for account in local.other_accounts : "arn:${local.partition}:iam::${account}:role/${local.product}-staging-deploy"
            ]
          }
        }
      },
    ]
  })
}

output "repositories" {
  description = "Addresses of the image repositories."
  value       = { for name, repository in aws_ecr_repository.main : name => repository.repository_url }
}
