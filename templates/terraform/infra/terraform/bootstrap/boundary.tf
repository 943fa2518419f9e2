# The most that a role of the environments can do, whatever its own policies say. Every such role carries it, also those that the
# workflows make, so that `apply` makes no role above itself and does not rise by writing its own policy. Changed here, by an
# administrator: no role of an environment can.
locals {
  boundary_arn = "arn:${local.partition}:iam::${var.account}:policy/${local.product}-boundary"
  roles        = "arn:${local.partition}:iam::${var.account}:role/${local.product}-*"
}

resource "aws_iam_policy" "boundary" {
  # It gives nothing: it is what the policies of a role are cut by.
  # checkov:skip=CKV_AWS_286: a boundary
  # checkov:skip=CKV_AWS_287: a boundary
  # checkov:skip=CKV_AWS_288: a boundary
  # checkov:skip=CKV_AWS_289: a boundary
  # checkov:skip=CKV_AWS_290: a boundary
  # checkov:skip=CKV_AWS_355: a boundary

  name        = "${local.product}-boundary"
  description = "The most that roles of the environments can do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Services"
        Effect = "Allow"
        NotAction = [
          "account:*", "iam:*", "identitystore:*", "organizations:*", "sso-directory:*", "sso:*", "sts:AssumeRole",
        ]
        Resource = "*"
      },
      {
        Sid      = "OwnRoles"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:${local.partition}:iam::*:role/${local.product}-*"
      },
      {
        Sid      = "Identities"
        Effect   = "Allow"
        Action   = ["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:Get*", "iam:List*"]
        Resource = "*"
      },
      {
        Sid    = "RolesWithThisBoundary"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
        ]
        Resource = local.roles
        Condition = {
          StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn }
        }
      },
      {
        Sid    = "Roles"
        Effect = "Allow"
        Action = [
          "iam:DeleteRole", "iam:PassRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
          "iam:UpdateRoleDescription",
        ]
        Resource = local.roles
      },
      # Made by an administrator in shared/, without the boundary.
      {
        Sid       = "ZoneRolesStay"
        Effect    = "Deny"
        NotAction = ["iam:Get*", "iam:List*", "sts:*"]
        Resource  = "arn:${local.partition}:iam::${var.account}:role/${local.product}-dns*"
      },
      {
        Sid    = "BackupsStay"
        Effect = "Deny"
        Action = ["s3:BypassGovernanceRetention", "s3:DeleteObjectVersion", "s3:PutBucketObjectLockConfiguration"]
        Resource = [
          "arn:${local.partition}:s3:::${local.product}-*-backups-${var.account}",
          "arn:${local.partition}:s3:::${local.product}-*-backups-${var.account}/*",
        ]
      },
      {
        Sid      = "BackupKeysStay"
        Effect   = "Deny"
        Action   = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
        Resource = "arn:${local.partition}:kms:*:${var.account}:key/*"
        Condition = {
          "ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/${local.product}-*-backups" }
        }
      },
      # By the alias is how the key is known above.
      {
        Sid      = "BackupAliasesStay"
        Effect   = "Deny"
        Action   = ["kms:DeleteAlias", "kms:UpdateAlias"]
        Resource = "arn:${local.partition}:kms:*:${var.account}:alias/${local.product}-*-backups"
      },
      {
        Sid      = "TrailStays"
        Effect   = "Deny"
        Action   = ["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"]
        Resource = local.trail_arn
      },
      {
        Sid    = "RecordsStay"
        Effect = "Deny"
        Action = ["s3:Delete*", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"]
        Resource = [
          "arn:${local.partition}:s3:::${local.product}-trail-${var.account}",
          "arn:${local.partition}:s3:::${local.product}-trail-${var.account}/*",
        ]
      },
    ]
  })
}
