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

variable "administrators" {
  description = "Roles, as patterns below role/, that apply an environment of another account for the first time, before its own roles are there."
  type        = list(string)
  default     = ["aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AdministratorAccess_*", "OrganizationAccountAccessRole"]
}

# What environments in other accounts do to the zone, each through a role of its own: who plans runs code that nobody has read.
locals {
  dns_read = [
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
      Action   = ["route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"]
      Resource = aws_route53_zone.main.arn
    },
  ]

  dns_roles = {
    dns-read = {
      principals = ["${local.product}-*-plan"]
      conditions = []
    }
    dns-challenge = {
      principals = ["${local.product}-*-pod-cert-manager"]
      conditions = [
        {
          "ForAllValues:StringEquals" = { "route53:ChangeResourceRecordSetsRecordTypes" = ["TXT"] }
          "ForAllValues:StringLike"   = { "route53:ChangeResourceRecordSetsNormalizedRecordNames" = ["_acme-challenge.*"] }
        },
      ]
    }
    dns = {
      principals = concat(["${local.product}-*-apply"], var.administrators)
      conditions = [{}]
    }
  }
}

resource "aws_iam_role" "dns" {
  for_each = { for name, role in local.dns_roles : name => role if length(local.other_accounts) > 0 }

  name = "${local.product}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = [for account in local.other_accounts : "arn:${local.partition}:iam::${account}:root"] }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = [
              for pair in setproduct(local.other_accounts, each.value.principals) : "arn:${local.partition}:iam::${pair[0]}:role/${pair[1]}"
            ]
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "dns" {
  for_each = aws_iam_role.dns

  name = "main"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.dns_read,
      [
        for condition in local.dns_roles[each.key].conditions : merge(
          {
            Effect   = "Allow"
            Action   = "route53:ChangeResourceRecordSets"
            Resource = aws_route53_zone.main.arn
          },
          { for key, value in { Condition = condition } : key => value if length(value) > 0 },
        )
      ],
    )
  })
}

output "name_servers" {
  description = "To be entered at the registrar of aethel.dev: until then no name below it is found."
  value       = aws_route53_zone.main.name_servers
}
