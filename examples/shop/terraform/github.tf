# What .github/workflows/rollout.yml needs: the role it takes, and the variable AWS_ROLE_ARN of its environment.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    # Repositories made since July 2026 have identifiers in the subject.
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values = [
        "repo:aethel-shop/shop:environment:${var.environment}",
        "repo:aethel-shop@*/shop@*:environment:${var.environment}",
      ]
    }
  }
}

resource "aws_iam_role" "github" {
  name               = "shop-deploy"
  assume_role_policy = data.aws_iam_policy_document.github.json
}

resource "aws_iam_role_policy" "github" {
  role = aws_iam_role.github.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "eks:DescribeCluster", Resource = aws_eks_cluster.shop.arn }]
  })
}

resource "aws_eks_access_entry" "github" {
  cluster_name  = aws_eks_cluster.shop.name
  principal_arn = aws_iam_role.github.arn
}

resource "aws_eks_access_policy_association" "github" {
  cluster_name  = aws_eks_cluster.shop.name
  principal_arn = aws_iam_role.github.arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
  access_scope {
    type = "cluster"
  }

  depends_on = [aws_eks_access_entry.github]
}

resource "github_repository_environment" "environment" {
  repository  = "shop"
  environment = var.environment
}

resource "github_actions_environment_variable" "role" {
  repository    = "shop"
  environment   = github_repository_environment.environment.environment
  variable_name = "AWS_ROLE_ARN"
  value         = aws_iam_role.github.arn
}
