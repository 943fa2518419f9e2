# The controllers behind the custom resources of k8s/base. Namespaces and service accounts are named in cluster.tf and
# in the NetworkPolicies.
locals {
  traefik_node_ports = { http = 30080, https = 30443 }
}

resource "helm_release" "cert_manager" {
  name             = "cert-manager"
  namespace        = "cert-manager"
  create_namespace = true
  repository       = "oci://quay.io/jetstack/charts"
  chart            = "cert-manager"
  version          = "v1.21.2"
  values = [yamlencode({
    crds           = { enabled = true }
    serviceAccount = { name = "cert-manager" }
  })]

  depends_on = [aws_eks_addon.addons, aws_eks_pod_identity_association.pod]
}

resource "helm_release" "external_secrets" {
  name             = "external-secrets"
  namespace        = "external-secrets"
  create_namespace = true
  repository       = "https://charts.external-secrets.io"
  chart            = "external-secrets"
  version          = "2.11.0"
  values = [yamlencode({
    installCRDs    = true
    serviceAccount = { name = "external-secrets" }
  })]

  depends_on = [aws_eks_addon.addons, aws_eks_pod_identity_association.pod]
}

# The custom resources of the Gateway API are applied by .github/actions/cluster; the GatewayClass is ours.
resource "helm_release" "traefik" {
  name             = "traefik"
  namespace        = "traefik"
  create_namespace = true
  repository       = "https://traefik.github.io/charts"
  chart            = "traefik"
  version          = "41.3.0"
  values = [yamlencode({
    deployment = { replicas = 2 }
    providers = {
      kubernetesGateway = { enabled = true }
      kubernetesIngress = { enabled = false }
    }
    gateway = { enabled = false }
    service = { type = "NodePort" }
    ports = {
      web       = { port = 8000, nodePort = local.traefik_node_ports.http }
      websecure = { port = 8443, nodePort = local.traefik_node_ports.https }
    }
  })]

  depends_on = [aws_eks_addon.addons]
}
