variable "environment" {
  description = "staging or production: each has an AWS account and a state of its own"
  type        = string
  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "the environment is staging or production"
  }
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "public_host" {
  description = "PUBLIC_HOST of k8s/overlays"
  type        = string
}

variable "delegations" {
  description = "name servers of zones below this one, by name"
  type        = map(list(string))
  default     = {}
}

variable "database_instance_class" {
  type = string
}

variable "cache_node_type" {
  type = string
}

variable "nodes" {
  type = object({ instance_type = string, minimum = number, maximum = number })
}

# Given as TF_VAR_alert_webhook_url and TF_VAR_heartbeat_url: they hold tokens.
variable "alert_webhook_url" {
  type      = string
  ephemeral = true
}

variable "heartbeat_url" {
  type      = string
  ephemeral = true
}

variable "secrets_version" {
  description = "raise it to make new passwords and to write the two addresses again"
  type        = number
  default     = 1
}
