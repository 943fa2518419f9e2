# What all environments share: the repositories of the images, which are built once and deployed everywhere, and the hosted zone.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> <% versions.terraform_aws %>"
    }
  }

  backend "s3" {
    bucket       = "<% name %>-terraform-<% account %>"
    key          = "shared/terraform.tfstate"
    region       = "<% region %>"
    encrypt      = true
    kms_key_id   = "arn:aws:kms:<% region %>:<% account %>:alias/<% name %>-terraform"
    use_lockfile = true
  }
}

provider "aws" {
  region              = "<% region %>"
  allowed_account_ids = ["<% account %>"]

  default_tags {
    tags = {
      product     = "<% name %>"
      environment = "shared"
      managed-by  = "terraform"
    }
  }
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  product   = "<% name %>"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # Accounts of the environments that are not this one.
  other_accounts = setsubtract(
    toset([
<%# deployed %>
      "<% account %>",
<%/ deployed %>
    ]),
    toset([local.account]),
  )
}
