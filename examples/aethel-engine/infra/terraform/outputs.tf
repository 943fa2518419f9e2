output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = aws_eks_cluster.main.name
}

output "cluster_endpoint" {
  description = "The Kubernetes API."
  value       = aws_eks_cluster.main.endpoint
}

output "load_balancer" {
  description = "What the hosts' DNS records point at."
  value       = aws_lb.main.dns_name
}

output "gateway_node_ports" {
  description = "Node ports that the gateway's Service has to use."
  value       = var.gateway_node_ports
}

output "buckets" {
  description = "Buckets by what they are for."
  value       = { for name, bucket in aws_s3_bucket.main : name => bucket.bucket }
}

output "secrets" {
  description = "Names in Secrets Manager, by path."
  value       = { for path, secret in aws_secretsmanager_secret.main : path => secret.name }
}

output "secrets_to_supply" {
  description = "Keys that a person has to write, by path: docs/production/secrets.md says how."
  value       = { for path, secret in local.secrets : path => secret.supplied if length(secret.supplied) > 0 }
}

output "github_roles" {
  description = "Roles of the workflows: plan, apply, deploy."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}

output "pod_roles" {
  description = "Roles by service account."
  value       = { for name, role in aws_iam_role.pods : name => role.arn }
}

output "databases" {
  description = "Endpoints of the databases."
  value       = { for name, database in aws_db_instance.main : name => database.endpoint }
}

output "caches" {
  description = "Endpoints of the caches' primaries."
  value       = { for name, cache in aws_elasticache_replication_group.main : name => cache.primary_endpoint_address }
}
