# What an account needs once, before everything else. Applied by an administrator, not by a workflow: README.md has the commands.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62.0"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = [var.account]

  default_tags {
    tags = {
      product    = "aethel"
      managed-by = "terraform"
    }
  }
}

variable "account" {
  description = "Number of the account, so that these commands change no other by mistake."
  type        = string
  default     = "123456789012"
}

variable "trail" {
  description = "Whether to record every call in the account. Off where the organisation has a trail."
  type        = bool
  default     = true
}

variable "monthly_budget" {
  description = "Dollars a month of which 80 % spent, or 100 % foreseen, is mailed about."
  type        = number
  default     = 3000
}

variable "email" {
  description = "Whom the budget tells."
  type        = string
  default     = "ops@aethel.dev"
}

data "aws_partition" "current" {}

locals {
  product   = "aethel"
  partition = data.aws_partition.current.partition
}

output "state_bucket" {
  description = "Bucket of the states, which the backends name."
  value       = aws_s3_bucket.main["terraform"].bucket
}
