variable "environment" {
  description = "Name of the environment, which is in the name of everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.environment))
    error_message = "A lowercase name of at most 20 characters: names of AWS resources are made of it."
  }
}

variable "hosts" {
  description = "Host names by role, all of them in the zone."
  type        = map(string)
}

variable "zone" {
  description = "Hosted zone of Route 53, made by shared/."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the network, of which each environment has its own so that they can be peered."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 4, 15))
    error_message = "A network of at most /20, as it is cut into subnets."
  }
}

variable "nat_gateway_per_zone" {
  description = "One NAT gateway in each zone, so that the loss of a zone does not take the others offline."
  type        = bool
  default     = true
}

variable "kubernetes_version" {
  description = "Minor version of EKS. Raise by one at a time."
  type        = string
  default     = "1.36"
}

variable "cluster_endpoint_cidrs" {
  description = "Networks from which the Kubernetes API is reached over the internet. Empty: only from within the network."
  type        = list(string)
  default     = []
}

variable "cluster_admin_arns" {
  description = "IAM roles of the people who administer the cluster."
  type        = list(string)
  default     = []
}

variable "nodes" {
  description = "The worker nodes."
  type = object({
    instance_types = list(string)
    minimum        = number
    maximum        = number
    disk_gib       = optional(number, 60)
  })

  validation {
    condition     = var.nodes.minimum >= 3 && var.nodes.maximum >= var.nodes.minimum
    error_message = "At least one node in each of three zones."
  }
}

variable "gateway_node_ports" {
  description = "Node ports of the gateway's Service, to which the load balancer sends ports 80 and 443."
  type = object({
    http  = number
    https = number
  })
  default = {
    http  = 30080
    https = 30443
  }
}

variable "database_sizes" {
  description = "Instance class by database where it differs from the one in main.tf."
  type        = map(string)
  default     = {}
}

variable "database_multi_az" {
  description = "A standby in another zone."
  type        = bool
  default     = true
}

variable "database_backup_days" {
  description = "Days back to which the database can be restored to any second."
  type        = number
  default     = 35
}

variable "cache_sizes" {
  description = "Node type by cache where it differs from the one in main.tf."
  type        = map(string)
  default     = {}
}

variable "cache_replicas" {
  description = "Replicas in other zones, one of which takes over."
  type        = number
  default     = 1

  validation {
    condition     = var.cache_replicas >= 1
    error_message = "Without a replica there is no failover."
  }
}

variable "backup_lock" {
  description = "How long no one can delete a backup. COMPLIANCE binds the account's root too; GOVERNANCE can be lifted by an administrator."
  type = object({
    mode = string
    days = number
  })
  default = {
    mode = "COMPLIANCE"
    days = 35
  }

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.backup_lock.mode)
    error_message = "COMPLIANCE or GOVERNANCE."
  }
}

variable "secret_versions" {
  description = "Version by store, 1 where absent. A higher one gives the store a new password and writes its secret anew."
  type        = map(number)
  default     = {}
}

variable "deletion_protection" {
  description = "AWS itself refuses to delete cluster, databases and load balancer."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps logs of the control plane and the stores."
  type        = number
  default     = 365
}

variable "alarm_email" {
  description = "Address that is told of AWS's own alarms: those that must reach someone when the cluster, and Prometheus in it, is down."
  type        = string
}

variable "github_repository" {
  description = "OWNER/REPOSITORY whose workflows may take the roles of github.tf."
  type        = string
}

variable "github_ids" {
  description = "Numbers of owner and repository, which GitHub puts into the tokens of repositories created or renamed since 2026-07-15. `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints them."
  type = object({
    owner      = number
    repository = number
  })
  default = null
}
