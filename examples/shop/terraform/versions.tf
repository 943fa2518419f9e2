terraform {
  required_version = ">= 1.11"

  required_providers {
    aws    = { source = "hashicorp/aws", version = "~> 6.62" }
    github = { source = "integrations/github", version = "~> 6.8" }
    helm   = { source = "hashicorp/helm", version = "~> 3.1" }
    random = { source = "hashicorp/random", version = "~> 3.7" }
  }

  # The bucket is in environments/ENVIRONMENT.s3.tfbackend.
  backend "s3" {
    key          = "shop.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { product = "shop", environment = var.environment }
  }
}

provider "github" {
  owner = "aethel-shop"
}

provider "helm" {
  kubernetes = {
    host                   = aws_eks_cluster.shop.endpoint
    cluster_ca_certificate = base64decode(aws_eks_cluster.shop.certificate_authority[0].data)
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", aws_eks_cluster.shop.name]
    }
  }
}
