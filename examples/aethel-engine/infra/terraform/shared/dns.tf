resource "aws_route53_zone" "main" {
  name    = "aethel.dev"
  comment = "Hosts of Aethel Engine"

  lifecycle {
    prevent_destroy = true
  }
}

# No other authority issues for these names; amazon.com for certificates of AWS's own services.
resource "aws_route53_record" "caa" {
  zone_id = aws_route53_zone.main.zone_id
  name    = aws_route53_zone.main.name
  type    = "CAA"
  ttl     = 3600
  records = [
    "0 issue \"letsencrypt.org\"",
    "0 issue \"amazon.com\"",
    "0 iodef \"mailto:ops@aethel.dev\"",
  ]
}

# Environments in other accounts write their records through this role.
resource "aws_iam_role" "dns" {
  count = length(local.other_accounts) > 0 ? 1 : 0

  name = "${local.product}-dns"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = [for account in local.other_accounts : "arn:${local.partition}:iam::${account}:root"] }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = flatten([
              for account in local.other_accounts : [
                for role in ["plan", "apply", "pod-cert-manager"] : "arn:${local.partition}:iam::${account}:role/${local.product}-*-${role}"
              ]
            ])
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "dns" {
  count = length(local.other_accounts) > 0 ? 1 : 0

  name = "main"
  role = aws_iam_role.dns[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["route53:ListHostedZones", "route53:ListHostedZonesByName"]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = "route53:GetChange"
        Resource = "arn:${local.partition}:route53:::change/*"
      },
      {
        Effect   = "Allow"
        Action   = ["route53:ChangeResourceRecordSets", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"]
        Resource = aws_route53_zone.main.arn
      },
    ]
  })
}

output "name_servers" {
  description = "To be entered at the registrar of aethel.dev: until then no name below it is found."
  value       = aws_route53_zone.main.name_servers
}
