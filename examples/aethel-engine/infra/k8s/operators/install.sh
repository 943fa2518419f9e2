#!/bin/sh
# Installs the operators that base/, cert-manager/, external-secrets/ and infra/monitoring/ rely on in the cluster that kubectl points at, or
# brings them to these versions: install.sh. By hand, as cluster administrator, and once more after each change here; needs kubectl and helm.
set -eu
cd -- "$(dirname -- "$0")"

chart() { # NAME CHART VERSION [REPOSITORY]: release and namespace have the chart's name, NAME.yaml its values
  helm upgrade --install "$1" "$2" --version "$3" ${4:+--repo "$4"} --namespace "$1" --values "$1.yaml" --wait --timeout 10m
}

kubectl apply --server-side -f namespaces.yaml
kubectl apply --server-side -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.6.3/standard-install.yaml
chart cert-manager oci://quay.io/jetstack/charts/cert-manager v1.21.2
chart external-secrets external-secrets 2.11.0 https://charts.external-secrets.io
kubectl apply --server-side -k argo-rollouts
kubectl -n argo-rollouts rollout status deployment/argo-rollouts --timeout=5m
chart traefik traefik 41.3.0 https://traefik.github.io/charts
# Its pods become ready once Prometheus answers: infra/monitoring comes after this script.
chart prometheus-adapter prometheus-adapter 5.3.0 https://prometheus-community.github.io/helm-charts
