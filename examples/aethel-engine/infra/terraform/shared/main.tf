# What all environments share: the repositories of the images, which are built once and deployed everywhere, and the hosted zone.
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
    key          = "shared/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    kms_key_id   = "arn:aws:kms:us-east-1:123456789012:alias/aethel-terraform"
    use_lockfile = true
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]

  default_tags {
    tags = {
      product     = "aethel"
      environment = "shared"
      managed-by  = "terraform"
    }
  }
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  product   = "aethel"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # Accounts of the environments that are not this one.
  other_accounts = setsubtract(
    toset([
      "123456789012",
      "123456789012",
    ]),
    toset([local.account]),
  )
}
