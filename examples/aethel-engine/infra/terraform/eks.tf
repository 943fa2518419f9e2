locals {
  # The group that EKS gives to the control plane, to the nodes and so to the pods.
  cluster_security_group = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id

  # What the nodes need to become ready, and what needs nodes to run on.
  addons = {
    before = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]
    after  = ["coredns", "aws-ebs-csi-driver", "metrics-server"]
  }

  addon_settings = {
    # Without this the NetworkPolicies of infra/k8s are accepted and do nothing.
    vpc-cni = jsonencode({ enableNetworkPolicy = "true" })
    coredns = jsonencode({ autoScaling = { enabled = true, minReplicas = 3, maxReplicas = 10 } })
  }

  addon_roles = {
    vpc-cni = {
      service_account = "aws-node"
      policy          = "AmazonEKS_CNI_Policy"
    }
    aws-ebs-csi-driver = {
      service_account = "ebs-csi-controller-sa"
      policy          = "service-role/AmazonEBSCSIDriverPolicy"
    }
  }
}

# The deployment asks for it by this name.
resource "aws_eks_cluster" "main" {
  name                          = local.name
  version                       = var.kubernetes_version
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false
  deletion_protection           = var.deletion_protection

  # Entries only, no aws-auth; who creates the cluster gets no hidden right to it.
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  # EXTENDED, the default, is billed at six times the price once a version ages. STANDARD ends with an upgrade by AWS at a time of its
  # own: raise kubernetes_version before.
  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    subnet_ids              = [for zone in local.zones : aws_subnet.main["private-${zone}"].id]
    endpoint_private_access = true
    endpoint_public_access  = length(var.cluster_endpoint_cidrs) > 0
    public_access_cidrs     = length(var.cluster_endpoint_cidrs) > 0 ? var.cluster_endpoint_cidrs : null
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.main["cluster"].arn
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [
    aws_iam_role_policy_attachment.cluster,
    aws_cloudwatch_log_group.cluster,
  ]
}

# Made here, or EKS makes it without retention and key.
resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${local.name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main["telemetry"].arn
}

resource "aws_iam_role" "cluster" {
  name                 = "${local.name}-cluster"
  permissions_boundary = local.boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "eks.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "nodes" {
  name                 = "${local.name}-nodes"
  permissions_boundary = local.boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

# Session Manager instead of SSH keys.
resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"])

  role       = aws_iam_role.nodes.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "nodes" {
  name                   = "${local.name}-nodes"
  description            = "Worker nodes of ${local.name}"
  update_default_version = true

  # One hop ends at the node: pods do not reach its credentials.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.nodes.disk_gib
      encrypted             = true
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume"]

    content {
      resource_type = tag_specifications.value
      tags          = { Name = "${local.name}-node" }
    }
  }
}

# The image of the nodes that AWS recommends today: nodes do not update themselves, so that the plan of each week shows a newer one.
data "aws_ssm_parameter" "node_release" {
  name = "/aws/service/eks/optimized-ami/${var.kubernetes_version}/amazon-linux-2023/x86_64/standard/recommended/release_version"
}

resource "aws_eks_node_group" "main" {
  cluster_name           = aws_eks_cluster.main.name
  node_group_name_prefix = "main-"
  node_role_arn          = aws_iam_role.nodes.arn
  version                = aws_eks_cluster.main.version
  release_version        = data.aws_ssm_parameter.node_release.insecure_value
  subnet_ids             = [for zone in local.zones : aws_subnet.main["private-${zone}"].id]
  ami_type               = "AL2023_x86_64_STANDARD"
  instance_types         = var.nodes.instance_types

  scaling_config {
    desired_size = var.nodes.minimum
    min_size     = var.nodes.minimum
    max_size     = var.nodes.maximum
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  # Another kind of instance is another group: the new nodes are there before the old ones are emptied. An autoscaler, or a person in
  # an incident, may have changed the number.
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [scaling_config[0].desired_size]
  }

  depends_on = [
    aws_iam_role_policy_attachment.nodes,
    aws_eks_addon.before,
  ]
}

# The default version for the cluster's own, so that an upgrade of the cluster takes the add-ons along.
data "aws_eks_addon_version" "main" {
  for_each = toset(flatten(values(local.addons)))

  addon_name         = each.key
  kubernetes_version = var.kubernetes_version
}

resource "aws_eks_addon" "before" {
  for_each = toset(local.addons.before)

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.main[each.key].version
  configuration_values        = lookup(local.addon_settings, each.key, null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = [for addon, role in local.addon_roles : role if addon == each.key]

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addons[each.key].arn
    }
  }
}

resource "aws_eks_addon" "after" {
  for_each = toset(local.addons.after)

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.main[each.key].version
  configuration_values        = lookup(local.addon_settings, each.key, null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = [for addon, role in local.addon_roles : role if addon == each.key]

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addons[each.key].arn
    }
  }

  depends_on = [aws_eks_node_group.main]
}

resource "aws_iam_role" "addons" {
  for_each = local.addon_roles

  name                 = "${local.name}-addon-${each.key}"
  permissions_boundary = local.boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-name"           = local.name
            "aws:RequestTag/kubernetes-namespace"       = "kube-system"
            "aws:RequestTag/kubernetes-service-account" = each.value.service_account
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "addons" {
  for_each = local.addon_roles

  role       = aws_iam_role.addons[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value.policy}"
}

# Who may talk to the cluster. Releases handle namespaces, policies and objects of other projects' kinds, for which AWS has no smaller
# policy of its own.
locals {
  cluster_admins = merge(
    { deploy = aws_iam_role.github["deploy"].arn },
    { for arn in var.cluster_admin_arns : arn => arn },
  )
}

# Without one, nobody can install the operators or look into the cluster.
check "administrators" {
  assert {
    condition     = length(var.cluster_admin_arns) > 0
    error_message = "cluster_admin_arns names no role: nobody but the workflows reaches the cluster ${local.name}."
  }
}

resource "aws_eks_access_entry" "admins" {
  for_each = local.cluster_admins

  cluster_name  = aws_eks_cluster.main.name
  principal_arn = each.value
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "admins" {
  for_each = local.cluster_admins

  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_eks_access_entry.admins[each.key].principal_arn
  policy_arn    = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

# Without a policy of AWS: infra/k8s/base and infra/monitoring/base say what this group may do.
resource "aws_eks_access_entry" "rotate" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_role.github["rotate"].arn
  kubernetes_groups = ["${local.product}:rotate"]
  type              = "STANDARD"
}
