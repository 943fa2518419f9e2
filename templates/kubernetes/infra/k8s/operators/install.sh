#!/bin/sh
# Installs the operators that base/, cert-manager/, external-secrets/ and infra/monitoring/ rely on in the cluster that kubectl points at, or
# brings them to these versions: install.sh. By hand, as cluster administrator, and once more after each change here; needs kubectl and helm.
set -eu
cd -- "$(dirname -- "$0")"

chart() { # NAME CHART VERSION [REPOSITORY]: release and namespace have the chart's name, NAME.yaml its values
  helm upgrade --install "$1" "$2" --version "$3" ${4:+--repo "$4"} --namespace "$1" --values "$1.yaml" --timeout 10m "--wait=$wait"
}
wait=true

kubectl apply --server-side -f namespaces.yaml
<%# gateway %>
kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v<% versions.gateway_api %>/standard-install.yaml
<%/ gateway %>
chart cert-manager oci://quay.io/jetstack/charts/cert-manager v<% versions.cert_manager %>
chart external-secrets external-secrets <% versions.external_secrets %> https://charts.external-secrets.io
kubectl apply --server-side -k argo-rollouts
kubectl -n argo-rollouts rollout status deployment/argo-rollouts --timeout=5m
chart traefik traefik <% versions.traefik_chart %> https://traefik.github.io/charts
# Without waiting: what it asks, infra/monitoring, comes after this script.
if grep -q averageValue ../base/hpa.yaml; then
  wait=false
  chart prometheus-adapter prometheus-adapter <% versions.prometheus_adapter_chart %> https://prometheus-community.github.io/helm-charts
fi
