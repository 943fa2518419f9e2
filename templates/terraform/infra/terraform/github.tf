# Workflows take these roles by OIDC: no access key exists. bootstrap/ makes the provider, once an account.
locals {
  github_provider = "token.actions.githubusercontent.com"

  # Tokens of repositories created or renamed since 2026-07-15 name owner and repository with their numbers, which nobody can
  # take over by taking the name.
  github_parts = split("/", var.github_repository)
  github_repositories = concat(
    ["repo:${var.github_repository}"],
    [
      for ids in var.github_ids[*] :
      "repo:${local.github_parts[0]}@${ids.owner}/${local.github_parts[1]}@${ids.repository}"
    ],
  )

  # workflows: the files on main whose jobs may take the role. The environment alone does not tell: every build runs in the one that
  # asks no reviewers.
  github_roles = {
    # For pull requests, so of code that nobody has read: sees settings, no content.
    plan = {
      subjects  = ["environment:${var.environment}-plan", "environment:${var.environment}"]
      workflows = []
      hours     = 1
    }
    # Its guard is the environment's reviewers. A database takes longer than the usual hour.
    apply = {
      subjects  = ["environment:${var.environment}"]
      workflows = ["plan.yml"]
      hours     = 3
    }
    deploy = {
      subjects  = ["environment:${var.environment}"]
      workflows = ["build.yml", "restore-drill.yml", "rollout.yml"]
      hours     = 2
    }
    rotate = {
      subjects  = ["environment:${var.environment}"]
      workflows = ["rotate-secrets.yml"]
      hours     = 1
    }
  }

  state_bucket = "arn:${local.partition}:s3:::${local.product}-terraform-${local.account}"
  state_key    = "${local.state_bucket}/${var.environment}/terraform.tfstate"
}

resource "aws_iam_role" "github" {
  for_each = local.github_roles

  name                 = "${local.name}-${each.key}"
  max_session_duration = each.value.hours * 3600
  permissions_boundary = local.boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.github_provider}" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = merge(
            {
              "${local.github_provider}:aud" = "sts.amazonaws.com"
              "${local.github_provider}:sub" = [
                for pair in setproduct(local.github_repositories, each.value.subjects) : join(":", pair)
              ]
            },
            # The file that holds the job, also when another one calls it.
            {
              for workflows in [each.value.workflows] : "${local.github_provider}:job_workflow_ref" => [
                for pair in setproduct(local.github_repositories, workflows) :
                "${trimprefix(pair[0], "repo:")}/.github/workflows/${pair[1]}@refs/heads/main"
              ] if length(workflows) > 0
            },
            # Once it is known: the old form of the subject names a repository that another one could be called.
            { for ids in var.github_ids[*] : "${local.github_provider}:repository_id" => tostring(ids.repository) },
          )
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.github["plan"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "plan" {
  name = "main"
  role = aws_iam_role.github["plan"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "SettingsNotContent"
          Effect = "Deny"
          Action = [
            "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
            "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:StartLiveTail", "logs:StartQuery",
            "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion",
            "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue",
            "sqs:ReceiveMessage",
          ]
          Resource = "*"
        },
        # AWS's own parameters say which image the nodes get.
        {
          Sid         = "NoParametersOfOurs"
          Effect      = "Deny"
          Action      = "ssm:GetParameter*"
          NotResource = "arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*"
        },
        {
          Sid         = "NoObjectsButTheState"
          Effect      = "Deny"
          Action      = "s3:GetObject*"
          NotResource = local.state_key
        },
        {
          Sid      = "StateKey"
          Effect   = "Allow"
          Action   = "kms:Decrypt"
          Resource = "arn:${local.partition}:kms:${local.region}:${local.account}:key/*"
          Condition = {
            "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${local.product}-terraform" }
          }
        },
        {
          Sid      = "EphemeralPasswords"
          Effect   = "Allow"
          Action   = "secretsmanager:GetRandomPassword"
          Resource = "*"
        },
      ],
      local.dns_role_statements["plan"],
    )
  })
}

resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.github["apply"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_role_policy" "apply" {
  name = "main"
  role = aws_iam_role.github["apply"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        # A role without the boundary it can neither make nor change, nor take the boundary off itself.
        {
          Sid    = "RolesOfThisEnvironment"
          Effect = "Allow"
          Action = [
            "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
          ]
          Resource = "arn:${local.partition}:iam::${local.account}:role/${local.name}-*"
          Condition = {
            StringEquals = { "iam:PermissionsBoundary" = local.boundary }
          }
        },
        {
          Sid    = "TheirTrust"
          Effect = "Allow"
          Action = [
            "iam:DeleteRole", "iam:PassRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
            "iam:UpdateRoleDescription",
          ]
          Resource = "arn:${local.partition}:iam::${local.account}:role/${local.name}-*"
        },
        {
          Sid      = "ReadRoles"
          Effect   = "Allow"
          Action   = ["iam:Get*", "iam:List*"]
          Resource = "*"
        },
      ],
      local.dns_role_statements["apply"],
    )
  })
}

# Where the zone is in another account: who plans looks, who applies writes.
locals {
  dns_role_statements = {
    for role, name in { plan = "dns-read", apply = "dns" } : role => [
      for account in [data.aws_caller_identity.dns.account_id] : {
        Sid      = "Zone"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:${local.partition}:iam::${account}:role/${local.product}-${name}"
      } if !local.own_zone
    ]
  }
}

resource "aws_iam_role_policy" "deploy" {
  name = "main"
  role = aws_iam_role.github["deploy"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Kubeconfig"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.main.arn
      },
<%# ecr %>
      {
        Sid      = "Login"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "Images"
        Effect = "Allow"
        # Only the environment that builds pushes.
        Action = concat(
          [
            "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer",
            "ecr:ListImages",
          ],
          var.environment == "<%# deployed %><%# first %><% name %><%/ first %><%/ deployed %>" ? [
            "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
          ] : [],
        )
        Resource = "arn:${local.partition}:ecr:<% region %>:<% account %>:repository/${local.product}/*"
      },
<%/ ecr %>
    ]
  })
}

resource "aws_iam_role_policy" "rotate" {
  name = "main"
  role = aws_iam_role.github["rotate"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Kubeconfig"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = aws_eks_cluster.main.arn
      },
      # Supplied ones are read for the date that stands in them.
      {
        Sid      = "Age"
        Effect   = "Allow"
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        Resource = [for path, secret in local.secrets : aws_secretsmanager_secret.main[path].arn if !secret.stores]
      },
      {
        Sid      = "Replace"
        Effect   = "Allow"
        Action   = "secretsmanager:PutSecretValue"
        Resource = [for path, secret in local.secrets : aws_secretsmanager_secret.main[path].arn if length(secret.random) > 0 && !secret.stores]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.main["data"].arn
        Condition = {
          StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" }
        }
      },
    ]
  })
}
