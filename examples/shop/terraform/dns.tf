# The host, and the load balancer behind it: 80 and 443 to the node ports of Traefik (addons.tf).
resource "aws_route53_zone" "shop" {
  name = var.public_host
}

resource "aws_route53_record" "shop" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = var.public_host
  type    = "A"
  alias {
    name                   = aws_lb.shop.dns_name
    zone_id                = aws_lb.shop.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "delegations" {
  for_each = var.delegations

  zone_id = aws_route53_zone.shop.zone_id
  name    = each.key
  type    = "NS"
  ttl     = 3600
  records = each.value
}

resource "aws_lb" "shop" {
  name                       = "shop"
  load_balancer_type         = "network"
  subnets                    = module.vpc.public_subnets
  enable_deletion_protection = true
}

locals {
  public_ports = {
    http  = { port = 80, node_port = local.traefik_node_ports.http }
    https = { port = 443, node_port = local.traefik_node_ports.https }
  }
}

resource "aws_lb_target_group" "shop" {
  for_each = local.public_ports

  name     = "shop-${each.key}"
  port     = each.value.node_port
  protocol = "TCP"
  vpc_id   = module.vpc.vpc_id
}

resource "aws_lb_listener" "shop" {
  for_each = local.public_ports

  load_balancer_arn = aws_lb.shop.arn
  port              = each.value.port
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop[each.key].arn
  }
}

resource "aws_autoscaling_attachment" "shop" {
  for_each = local.public_ports

  autoscaling_group_name = aws_eks_node_group.nodes.resources[0].autoscaling_groups[0].name
  lb_target_group_arn    = aws_lb_target_group.shop[each.key].arn
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = local.public_ports

  security_group_id = aws_eks_cluster.shop.vpc_config[0].cluster_security_group_id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.node_port
  to_port           = each.value.node_port
}

# cert-manager proves to Let's Encrypt by a record that it owns the host.
data "aws_iam_policy_document" "dns" {
  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:aws:route53:::change/*"]
  }
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = [aws_route53_zone.shop.arn]
  }
  statement {
    actions   = ["route53:ListHostedZonesByName"]
    resources = ["*"]
  }
}

output "name_servers" {
  description = "for the registrar (production) or for `delegations` of the zone above (staging)"
  value       = aws_route53_zone.shop.name_servers
}
