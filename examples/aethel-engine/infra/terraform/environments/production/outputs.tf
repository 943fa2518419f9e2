output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = module.main.cluster_name
}

output "load_balancer" {
  description = "What the hosts' DNS records point at."
  value       = module.main.load_balancer
}

output "buckets" {
  description = "Buckets by what they are for."
  value       = module.main.buckets
}

output "secrets_to_supply" {
  description = "Keys that a person has to write, by path: docs/production/secrets.md says how."
  value       = module.main.secrets_to_supply
}

output "github_roles" {
  description = "Roles of the workflows: plan, apply, deploy."
  value       = module.main.github_roles
}
