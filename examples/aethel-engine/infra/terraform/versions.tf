terraform {
  # Write-only arguments and ephemeral resources, which keep secrets out of the state, need 1.11.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62.0"

      # Where the hosted zone lives, which may be another account.
      configuration_aliases = [aws.dns]
    }
  }
}
