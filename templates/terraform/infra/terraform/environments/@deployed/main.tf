terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> <% versions.terraform_aws %>"
    }
  }

  backend "s3" {
    bucket       = "<% name %>-terraform-<% environment.account %>"
    key          = "<% environment.name %>/terraform.tfstate"
    region       = "<% region %>"
    encrypt      = true
    kms_key_id   = "arn:aws:kms:<% region %>:<% environment.account %>:alias/<% name %>-terraform"
    use_lockfile = true
  }
}

locals {
  tags = {
    product     = "<% name %>"
    environment = "<% environment.name %>"
    managed-by  = "terraform"
  }

  plans = strcontains(data.aws_caller_identity.current.arn, ":assumed-role/<% environment.cluster %>-plan/")
}

provider "aws" {
  region              = "<% region %>"
  allowed_account_ids = ["<% environment.account %>"]

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

# The hosted zone is in the account of shared/, where who plans may only look at it.
provider "aws" {
  alias  = "dns"
  region = "<% region %>"

  dynamic "assume_role" {
    for_each = setsubtract(["<% account %>"], ["<% environment.account %>"])

    content {
      role_arn = "arn:aws:iam::${assume_role.value}:role/<% name %>-dns${local.plans ? "-read" : ""}"
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

  environment = "<% environment.name %>"
  zone        = "<% zone %>"
  hosts = {
<%# environment.hosts %>
    "<% name %>" : "<% host %>",
<%/ environment.hosts %>
  }

<%# environment.production %>
  vpc_cidr             = "10.20.0.0/16"
  nat_gateway_per_zone = true

  # Together enough for every service at its greatest scale beside the monitoring.
  nodes = {
    instance_types = ["m7i.xlarge", "m6i.xlarge"]
    minimum        = 3
    maximum        = 9
  }
<%# has_database %>

  database_multi_az    = true
  database_backup_days = 35
<%/ has_database %>
<%# has_cache %>

  cache_replicas = 2
<%/ has_cache %>
<%# has_database %>

  backup_lock = {
    mode = "COMPLIANCE"
    days = 35
  }
<%/ has_database %>
<%/ environment.production %>
<%^ environment.production %>
  vpc_cidr             = "10.10.0.0/16"
  nat_gateway_per_zone = false

  nodes = {
    instance_types = ["m7i.large", "m6i.large"]
    minimum        = 3
    maximum        = 6
  }
<%# has_database %>

  # Multi-AZ here as well: a failover that staging never saw is first tried in production.
  database_multi_az    = true
  database_backup_days = 14
  database_sizes = {
<%# databases %>
    "<% name %>" : "db.t4g.medium",
<%/ databases %>
  }
<%/ has_database %>
<%# has_cache %>

  cache_replicas = 1
  cache_sizes = {
<%# caches %>
    "<% name %>" : "cache.t4g.small",
<%/ caches %>
  }
<%/ has_cache %>
<%# has_database %>

  backup_lock = {
    mode = "GOVERNANCE"
    days = 7
  }
<%/ has_database %>
<%/ environment.production %>

  # GitHub's runners come from everywhere, and what lets in is IAM. Give the addresses of your own runners here, or an empty
  # list once they stand within the network.
  cluster_endpoint_cidrs = ["0.0.0.0/0"]

  # Roles of the people who may run kubectl. The first deployment needs one: infra/k8s/operators/install.sh is run by them.
  cluster_admin_arns = []

  alarm_email       = "<% alerts.email %>"
  github_repository = "<% repository %>"

  # { owner = 1, repository = 2 } as `gh api repos/<% repository %> --jq '.owner.id, .id'` prints them, once GitHub's tokens carry them.
  github_ids = null

  # Raise the number of a store, which is 1 at first, to give it a new password.
  secret_versions = {}
}
