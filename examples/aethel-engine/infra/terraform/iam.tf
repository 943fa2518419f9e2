# What each service account may do in AWS, by EKS Pod Identity: no key anywhere, and a pod of another account gets nothing.
data "aws_caller_identity" "dns" {
  provider = aws.dns
}

locals {
  own_zone = data.aws_caller_identity.dns.account_id == local.account

  bucket_statements = {
    for bucket in keys(local.buckets) : bucket => [
      {
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation"]
        Resource = [aws_s3_bucket.main[bucket].arn]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = ["${aws_s3_bucket.main[bucket].arn}/*"]
      },
    ]
  }

  # Through S3 and Secrets Manager only: a pod cannot use a key by itself.
  key_statements = {
    for name, key in aws_kms_key.main : name => [
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [key.arn]
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["s3.${local.region}.amazonaws.com", "secretsmanager.${local.region}.amazonaws.com"]
          }
        }
      },
    ]
  }

  service_buckets = {
    for name, service in local.services : name => [for bucket in service.uses : bucket if contains(local.data_buckets, bucket)]
  }

  pods = merge(
    {
      for name, buckets in local.service_buckets : name => {
        namespace = local.namespace
        statements = flatten([
          [for bucket in buckets : local.bucket_statements[bucket]],
          [for bucket in slice(buckets, 0, min(1, length(buckets))) : local.key_statements["data"]],
        ])
      }
    },
    {
      aetheld = {
        namespace = local.namespace
        statements = flatten([
          local.bucket_statements["backups"],
          local.key_statements["backups"],
          [
            {
              Effect = "Allow"
              Action = [
                "s3:GetBucketVersioning",
                "s3:GetBucketObjectLockConfiguration",
                "s3:ListBucketVersions",
              ]
              Resource = [aws_s3_bucket.main["backups"].arn]
            },
            {
              Effect = "Allow"
              Action = [
                "s3:GetObjectVersion",
                "s3:GetObjectRetention",
                "s3:PutObjectRetention",
              ]
              Resource = ["${aws_s3_bucket.main["backups"].arn}/*"]
            },
          ],
        ])
      }

      loki = {
        namespace = "monitoring"
        statements = flatten([
          local.bucket_statements["logs"],
          local.key_statements["telemetry"],
        ])
      }

      external-secrets = {
        namespace = "external-secrets"
        statements = flatten([
          [
            {
              Effect   = "Allow"
              Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
              Resource = [for secret in aws_secretsmanager_secret.main : secret.arn]
            },
          ],
          local.key_statements["data"],
        ])
      }

      # DNS-01 challenges: the records of this environment's hosts and no other, as who writes them gets a certificate.
      cert-manager = {
        namespace = "cert-manager"
        statements = concat(
          [
            for account in [local.account] : {
              Effect   = "Allow"
              Action   = ["route53:GetChange"]
              Resource = ["arn:${local.partition}:route53:::change/*"]
            } if local.own_zone
          ],
          [
            for account in [local.account] : {
              Effect   = "Allow"
              Action   = ["route53:ListHostedZonesByName"]
              Resource = ["*"]
            } if local.own_zone
          ],
          [
            for account in [local.account] : {
              Effect   = "Allow"
              Action   = ["route53:ListResourceRecordSets"]
              Resource = [data.aws_route53_zone.main.arn]
            } if local.own_zone
          ],
          [
            for account in [local.account] : {
              Effect   = "Allow"
              Action   = ["route53:ChangeResourceRecordSets"]
              Resource = [data.aws_route53_zone.main.arn]
              Condition = {
                "ForAllValues:StringEquals" = {
                  "route53:ChangeResourceRecordSetsRecordTypes"           = ["TXT"]
                  "route53:ChangeResourceRecordSetsNormalizedRecordNames" = [for host in var.hosts : "_acme-challenge.${lower(host)}"]
                }
              }
            } if local.own_zone
          ],
          [
            for account in [data.aws_caller_identity.dns.account_id] : {
              Effect   = "Allow"
              Action   = ["sts:AssumeRole", "sts:TagSession"]
              Resource = ["arn:${local.partition}:iam::${account}:role/${local.product}-dns-challenge"]
            } if !local.own_zone
          ],
        )
      }
    },
  )
}

resource "aws_iam_role" "pods" {
  for_each = local.pods

  name                 = "${local.name}-pod-${each.key}"
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
            "aws:RequestTag/kubernetes-namespace"       = each.value.namespace
            "aws:RequestTag/kubernetes-service-account" = each.key
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "pods" {
  for_each = { for name, pod in local.pods : name => pod if length(pod.statements) > 0 }

  name = "main"
  role = aws_iam_role.pods[each.key].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = each.value.statements
  })
}

resource "aws_eks_pod_identity_association" "pods" {
  for_each = local.pods

  cluster_name    = aws_eks_cluster.main.name
  namespace       = each.value.namespace
  service_account = each.key
  role_arn        = aws_iam_role.pods[each.key].arn

  # Where the zone is in another account, cert-manager is given the role of that account without knowing.
  target_role_arn = each.key == "cert-manager" && !local.own_zone ? "arn:${local.partition}:iam::${data.aws_caller_identity.dns.account_id}:role/${local.product}-dns-challenge" : null
}
