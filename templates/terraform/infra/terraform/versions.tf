terraform {
  # Write-only arguments and ephemeral resources, which keep secrets out of the state, need 1.11.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> <% versions.terraform_aws %>"

      # Where the hosted zone lives, which may be another account.
      configuration_aliases = [aws.dns]
    }
  }
}
