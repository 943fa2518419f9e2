# .github/actions/cluster asks for it by name: shop-staging, shop-production.
resource "aws_eks_cluster" "shop" {
  name                      = "shop-${var.environment}"
  version                   = "1.36"
  role_arn                  = aws_iam_role.cluster.arn
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  deletion_protection       = true

  access_config {
    authentication_mode = "API"
  }
  upgrade_policy {
    support_type = "STANDARD"
  }
  vpc_config {
    subnet_ids              = module.vpc.private_subnets
    endpoint_private_access = true
    endpoint_public_access  = true # GitHub's runners come from everywhere; they authenticate by OIDC
  }

  depends_on = [aws_iam_role_policy_attachment.cluster]
}

resource "aws_iam_role" "cluster" {
  name = "shop-cluster"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "eks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "nodes" {
  name = "shop-nodes"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_eks_node_group" "nodes" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "nodes"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = module.vpc.private_subnets
  ami_type        = "AL2023_x86_64_STANDARD" # as .github/workflows/image.yml builds the images
  instance_types  = [var.nodes.instance_type]

  scaling_config {
    desired_size = var.nodes.minimum
    min_size     = var.nodes.minimum
    max_size     = var.nodes.maximum
  }
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.nodes]
}

resource "aws_eks_addon" "addons" {
  # The metrics server is what the HorizontalPodAutoscalers ask; the driver provisions the StorageClass gp3.
  for_each = toset(["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent", "metrics-server", "aws-ebs-csi-driver"])

  cluster_name = aws_eks_cluster.shop.name
  addon_name   = each.key
  # The CNI enforces NetworkPolicies only when it is told to.
  configuration_values = each.key == "vpc-cni" ? jsonencode({ enableNetworkPolicy = "true" }) : null

  depends_on = [aws_eks_node_group.nodes]
}

# The roles of service accounts, by EKS Pod Identity.
locals {
  pods = {
    api              = { namespace = "shop", service_account = "api", policy = data.aws_iam_policy_document.uploads.json }
    backup           = { namespace = "shop", service_account = "backup", policy = data.aws_iam_policy_document.backups.json }
    cert-manager     = { namespace = "cert-manager", service_account = "cert-manager", policy = data.aws_iam_policy_document.dns.json }
    external-secrets = { namespace = "external-secrets", service_account = "external-secrets", policy = data.aws_iam_policy_document.secrets.json }
  }
}

data "aws_iam_policy_document" "pod" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "pod" {
  for_each = local.pods

  name               = "shop-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.pod.json
}

resource "aws_iam_role_policy" "pod" {
  for_each = local.pods

  role   = aws_iam_role.pod[each.key].name
  policy = each.value.policy
}

resource "aws_eks_pod_identity_association" "pod" {
  for_each = local.pods

  cluster_name    = aws_eks_cluster.shop.name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.pod[each.key].arn
}

resource "aws_iam_role" "ebs" {
  name               = "shop-ebs-csi"
  assume_role_policy = data.aws_iam_policy_document.pod.json
}

resource "aws_iam_role_policy_attachment" "ebs" {
  role       = aws_iam_role.ebs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
}

resource "aws_eks_pod_identity_association" "ebs" {
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "kube-system"
  service_account = "ebs-csi-controller-sa"
  role_arn        = aws_iam_role.ebs.arn
}
