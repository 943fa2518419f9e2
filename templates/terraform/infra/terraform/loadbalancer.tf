# A load balancer of Terraform's own, not of a controller in the cluster: its name is known before the first deployment, so that
# the DNS records stand in the same plan, and it survives whatever happens to the gateway. TLS ends in the cluster, where
# cert-manager keeps the certificates.
locals {
  listeners = {
    http = {
      port      = 80
      node_port = var.gateway_node_ports.http
    }
    https = {
      port      = 443
      node_port = var.gateway_node_ports.https
    }
  }
}

resource "aws_security_group" "load_balancer" {
  name        = "${local.name}-load-balancer"
  description = "The internet to the load balancer"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-load-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.listeners

  security_group_id = aws_security_group.load_balancer.id
  description       = "${each.key} from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  for_each = local.listeners

  security_group_id            = aws_security_group.load_balancer.id
  description                  = "${each.key} to the gateway on the nodes"
  referenced_security_group_id = local.cluster_security_group
  ip_protocol                  = "tcp"
  from_port                    = each.value.node_port
  to_port                      = each.value.node_port
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  for_each = local.listeners

  security_group_id            = local.cluster_security_group
  description                  = "${each.key} from the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.node_port
  to_port                      = each.value.node_port
}

resource "aws_lb" "main" {
  name                             = trimsuffix(substr(local.name, 0, 32), "-")
  load_balancer_type               = "network"
  internal                         = false
  subnets                          = [for zone in local.zones : aws_subnet.main["public-${zone}"].id]
  security_groups                  = [aws_security_group.load_balancer.id]
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
}

resource "aws_lb_target_group" "main" {
  for_each = local.listeners

  name                   = "${trimsuffix(substr(local.name, 0, 26), "-")}-${each.key}"
  vpc_id                 = aws_vpc.main.id
  target_type            = "instance"
  protocol               = "TCP"
  port                   = each.value.node_port
  deregistration_delay   = 60
  connection_termination = true

  health_check {
    protocol            = "TCP"
    interval            = 10
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "main" {
  for_each = local.listeners

  load_balancer_arn = aws_lb.main.arn
  protocol          = "TCP"
  port              = each.value.port

  # A WebSocket may be silent for longer than the usual 350 s, after which neither end is told.
  tcp_idle_timeout_seconds = 3600

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main[each.key].arn
  }
}

resource "aws_autoscaling_attachment" "main" {
  for_each = local.listeners

  autoscaling_group_name = aws_eks_node_group.main.resources[0].autoscaling_groups[0].name
  lb_target_group_arn    = aws_lb_target_group.main[each.key].arn

  lifecycle {
    create_before_destroy = true
  }
}
