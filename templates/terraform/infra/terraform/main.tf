# One environment of <% title %>. environments/ calls this folder once for each; README.md says why.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  # Where EKS has no control plane.
  exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"]

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  product   = "<% name %>"
  name      = "<% name %>-${var.environment}"
  namespace = "<% name %>"

  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.region
  partition = data.aws_partition.current.partition

  # The most that any role here can do: bootstrap/boundary.tf.
  boundary = "arn:${local.partition}:iam::${local.account}:policy/${local.product}-boundary"

  # Three zones: what the spread of the pods and a quorum of anything need.
  zones = slice(data.aws_availability_zones.available.names, 0, 3)

  services = {
<%# services %>
    "<% name %>" = {
      uses = [<%# uses %>"<% name %>"<%^ last %>, <%/ last %><%/ uses %>]
    }
<%/ services %>
  }
}
