#!/bin/sh
# Certificates: the generated issuers, Certificates and hosts with cert-manager's controllers, Route 53's API and an ACME server.
#
# certificates.sh [FOLDER...], each with an aethel.yaml and what is generated of it; by default the example, and tests/infrastructure/ingress
# and bare, generated here. Each environment gets a cluster of its own: an API server, cert-manager, Pebble for Let's Encrypt, moto for Route
# 53 behind what infra/terraform/iam.tf allows to cert-manager, and a name server that answers what moto holds. Then, as infra/k8s/README.md
# says of a new cluster: certificates of letsencrypt-staging by the component, of letsencrypt-prod without it; and all anew.
# All on loopback of namespaces of its own, which end with it; 77 where they cannot be made.
# packages: openssl iproute2 curl
# kit: etcd kube-apiserver kubectl crds python cert-manager pebble moto_server
set -eu

[ "${1:-}" = --cluster ] || start=$PWD
cd -- "$(dirname -- "$0")/../.."
KIT=tools/kit
. "$KIT/kit.sh"
. "$KIT/support.sh"
. "$KIT/../kube/cluster.sh"
want etcd kube-apiserver kubectl cert-manager pebble moto_server python3 openssl ip curl unshare
want_part crds
want_modules python yaml
check=tools/prove/certificates.py

reached() { # URL [OPTION...]
  within 30 curl -s "$@" || {
    echo "FAILED: nothing answers at $1"
    exit 1
  }
}

apply() {
  python3 "$check" routed | kubectl apply --server-side --validate=strict -f - > "$work/applied"
}

issued() { # ISSUER SECONDS
  python3 "$check" issued "$tree" "$environment" "$1" "$work/root.pem" "$work/state" "$2"
}

cluster() { # TREE ENVIRONMENT WORK
  tree=$1 environment=$2 work=$3
  unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
  ip link set lo up
  echo 'nameserver 127.0.0.1' > "$work/resolv.conf"
  mount --bind "$work/resolv.conf" /etc/resolv.conf

  moto_server -H 127.0.0.1 -p 5000 > "$work/moto.log" 2>&1 &
  # As Let's Encrypt does for 30 days: what an account has proven it need not prove again.
  export PEBBLE_AUTHZREUSE=100
  pebble_start 127.0.0.1:53

  cluster_start > "$work/kubectl.log"
  crds=$(kit_folder crds)
  kubectl apply --server-side -f "$crds/cert-manager" -f "$crds/gateway-api" > "$work/applied"
  kubectl wait --for=condition=Established --timeout=60s crd --all > "$work/applied"

  reached http://127.0.0.1:5000/
  python3 tools/prove/zone.py 127.0.0.1:5000 5001 "$(python3 "$check" zone "$tree")" "$tree/infra/terraform" "$environment" "$work/calls" \
    > "$work/zone.log" 2>&1 &
  reached https://127.0.0.1:15000/roots/0 --cacert "$work/pebble.pem" -o "$work/root.pem"
  reached http://127.0.0.1:5001/

  # Nothing else is replaced: where the ACME server is, and how it is known.
  cp -r "$tree/infra" "$work/infra"
  mkdir "$work/here"
  cat > "$work/here/kustomization.yaml" << EOF
resources: [../infra/k8s/overlays/$environment]
patches:
  - target: {kind: ClusterIssuer}
    patch: |-
      [{"op": "replace", "path": "/spec/acme/server", "value": "https://127.0.0.1:14000/dir"},
       {"op": "add", "path": "/spec/acme/caBundle", "value": "$(base64 < "$work/pebble.pem" | tr -d '\n')"}]
EOF
  kubectl apply --server-side -f "$work/infra/k8s/operators/namespaces.yaml" > "$work/applied"
  kubectl kustomize "$work/infra/monitoring/overlays/$environment" | apply
  AWS_ENDPOINT_URL_ROUTE_53=http://127.0.0.1:5001 AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_EC2_METADATA_DISABLED=true \
    cert-manager -kubeconfig "$KUBECONFIG" -dns01-check-retry-period 1s > "$work/cert-manager.log" 2>&1 &

  overlay=$work/infra/k8s/overlays/$environment/kustomization.yaml
  cp "$overlay" "$work/without"
  sed -i 's/^# components:$/components:/; s/^#\(   - .*issuer-letsencrypt-staging\)$/\1/' "$overlay"
  kubectl kustomize "$work/here" | apply
  # cert-manager waits 60 s for the TTL of a challenge's record, whatever it is.
  issued letsencrypt-staging 110
  cp "$work/without" "$overlay"
  kubectl kustomize "$work/here" | apply
  issued letsencrypt-prod 110
  python3 "$check" renew
  issued letsencrypt-prod 40
  python3 "$check" asked "$work/calls"
}

if [ "$(id -u)" != 0 ] || ! unshare --mount --net --pid --fork true 2> /dev/null; then
  kit_absent "a namespace of its own" "run it as root"
fi
if [ "${1:-}" = --cluster ]; then
  shift
  cluster "$@"
  exit
fi

all=$(mktemp -d)
clusters=
# Each ends its namespace, and that all of its processes.
trap 'for process in $clusters; do kill "$process" 2> /dev/null || true; done; wait; rm -rf "$all"' EXIT
trap 'exit 1' INT TERM
if [ $# -eq 0 ]; then
  : "${AETHEL:?is the built program}"
  for product in ingress bare; do
    "$AETHEL" generate --out "$all/$product" "tests/infrastructure/$product" > /dev/null 2>&1
    cp "tests/infrastructure/$product/aethel.yaml" "$all/$product/"
    set -- "$@" "$all/$product"
  done
  set -- examples/aethel-engine "$@"
  start=$PWD
fi

number=0
for folder; do
  tree=$(CDPATH='' cd -- "$start" && cd -- "$folder" && pwd)
  for environment in $(python3 "$check" environments "$tree"); do
    number=$((number + 1))
    mkdir "$all/$number"
    echo "$(basename "$tree") $environment" > "$all/$number/name"
    timeout 230 unshare --mount --net --pid --fork --kill-child --mount-proc \
      sh tools/prove/certificates.sh --cluster "$tree" "$environment" "$all/$number" > "$all/$number/said" 2>&1 &
    clusters="$clusters $!"
  done
done

status=0 number=0
began=$(date +%s)
echo "| cluster | what was asserted |"
echo "|---|---|"
for process in $clusters; do
  number=$((number + 1)) work=$all/$number result=0
  wait "$process" || result=$?
  awk -v name="$(cat "$work/name")" '{ printf "| %s | %s |\n", NR == 1 ? name : "", $0 }' "$work/said"
  if [ "$result" != 0 ]; then
    status=1
    sed -n '/ 200/!s/.*/| | FAILED: Route 53 answered & |/p' "$work/calls" 2> /dev/null | sort | uniq
    echo "| | FAILED: exit status $result, after $(($(date +%s) - began)) s |"
    for log in "$work"/*.log; do
      echo "--- $(cat "$work/name"): ${log##*/}"
      tail -n "${LINES_OF_LOGS:-15}" "$log"
    done >&2
  fi
done
clusters=
echo
echo "cert-manager $(sed -n 's/.*cert-manager\/cert-manager v//p' tools/kit/parts/cert-manager/go.mod), Pebble" \
  "$(sed -n 's/.*pebble\/v2 v\([0-9.]*\).*/\1/p' tools/kit/parts/pebble/go.mod), kube-apiserver" \
  "$(sed -n 's/.*k8s.io\/kubernetes v\([0-9.]*\).*/\1/p' tools/kit/parts/kubernetes/go.mod | head -n 1), moto" \
  "$(sed -n 's/^moto\[*.*==\([0-9.]*\).*/\1/p' tools/kit/parts/moto/requirements.txt): $number clusters in $(($(date +%s) - began)) s." \
  "Of each host: the certificate is Ready, for its name alone, with a chain that ends at the CA, in the Secret that Gateway or Ingress names;" \
  "routes attach; renewed, key and serial number are new. Replaced: the ACME server's address and CA, and Route 53. No HTTP-01 solver is generated."
exit "$status"
