# k8s/base/network.yaml and monitoring/kubernetes/network.yaml allow the stores by this range.
locals {
  network = "10.0.0.0/16"
  zones   = slice(data.aws_availability_zones.available.names, 0, 3)
}

data "aws_availability_zones" "available" {
  state = "available"
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"

  name               = "shop-${var.environment}"
  cidr               = local.network
  azs                = local.zones
  private_subnets    = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
  public_subnets     = ["10.0.48.0/24", "10.0.49.0/24", "10.0.50.0/24"]
  enable_nat_gateway = true
}

resource "aws_security_group" "stores" {
  name   = "shop-stores"
  vpc_id = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "stores" {
  for_each = { database = 5432, cache = 6379 }

  security_group_id            = aws_security_group.stores.id
  referenced_security_group_id = aws_eks_cluster.shop.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}
