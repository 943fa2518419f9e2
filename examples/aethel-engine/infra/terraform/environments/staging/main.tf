terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62.0"
    }
  }

  backend "s3" {
    bucket       = "aethel-terraform-123456789012"
    key          = "staging/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    kms_key_id   = "arn:aws:kms:us-east-1:123456789012:alias/aethel-terraform"
    use_lockfile = true
  }
}

locals {
  tags = {
    product     = "aethel"
    environment = "staging"
    managed-by  = "terraform"
  }

  plans = strcontains(data.aws_caller_identity.current.arn, ":assumed-role/aethel-staging-plan/")
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

# The hosted zone is in the account of shared/, where who plans may only look at it.
provider "aws" {
  alias  = "dns"
  region = "us-east-1"

  dynamic "assume_role" {
    for_each = setsubtract(["123456789012"], ["123456789012"])

    content {
      role_arn = "arn:aws:iam::${assume_role.value}:role/aethel-dns${local.plans ? "-read" : ""}"
    }
  }

  default_tags {
    tags = local.tags
  }
}

module "main" {
  source = "../.."

  providers = {
    aws     = aws
    aws.dns = aws.dns
  }

  environment = "staging"
  zone        = "aethel.dev"
  hosts = {
    "web" : "staging.aethel.dev",
    "runtime" : "rt.staging.aethel.dev",
    "grafana" : "grafana.staging.aethel.dev",
  }

  vpc_cidr             = "10.10.0.0/16"
  nat_gateway_per_zone = false

  nodes = {
    instance_types = ["m7i.large", "m6i.large"]
    minimum        = 3
    maximum        = 6
  }

  # Multi-AZ here as well: a failover that staging never saw is first tried in production.
  database_multi_az    = true
  database_backup_days = 14
  database_sizes = {
    "database" : "db.t4g.medium",
  }

  cache_replicas = 1
  cache_sizes = {
    "redis" : "cache.t4g.small",
  }

  backup_lock = {
    mode = "GOVERNANCE"
    days = 7
  }

  # GitHub's runners come from everywhere, and what lets in is IAM. Give the addresses of your own runners here, or an empty
  # list once they stand within the network.
  cluster_endpoint_cidrs = ["0.0.0.0/0"]

  # Roles of the people who may run kubectl. The first deployment needs one: infra/k8s/operators/install.sh is run by them.
  cluster_admin_arns = []

  alarm_email       = "ops@aethel.dev"
  github_repository = "aethel-dev/aethel-engine"

  # { owner = 1, repository = 2 } as `gh api repos/aethel-dev/aethel-engine --jq '.owner.id, .id'` prints them, once GitHub's tokens carry them.
  github_ids = null

  # Raise the number of a store, which is 1 at first, to give it a new password.
  secret_versions = {}
}
