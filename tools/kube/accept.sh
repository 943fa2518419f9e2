#!/bin/sh
# Asks other people's programs about manifests: accept.sh FOLDER, where each FOLDER/*.yaml is what one cluster gets, as `kubectl kustomize` prints it.
#   kubeconform, with the schemas of the oldest and the newest supported Kubernetes and of the custom resources
#   Argo Rollouts' own code: valid Rollouts, and what each condition of an analysis says of no data, NaN and numbers
#   a real kube-apiserver with the CRDs: server-side apply with strict validation, twice; no warning, so none of Pod Security either
# SCHEMAS_ONLY=yes leaves the server out. Exit status 77: skipped, because build.sh was not run.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/pins.sh"
folder=${1:?usage: accept.sh FOLDER}
for needed in "$python" "$kubeconform" "$schemas" "$crds" "$rollouts" "$controlplane/etcd" "$controlplane/kube-apiserver"; do
  case ${SCHEMAS_ONLY:-}$needed in yes*kube-apiserver | yes*etcd) continue ;; esac
  [ -e "$needed" ] || {
    echo "accept.sh: SKIPPED, nothing was checked: $needed is not there; run tools/kube/build.sh" >&2
    exit 77
  }
done
ls "$folder"/*.yaml >/dev/null

work=$(mktemp -d)
server=
store=
stop() {
  # Nothing of it is kept, and a server whose store is gone takes minutes to end by itself.
  for process in $server $store; do kill -KILL "$process" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

status=0
for version in "$schemas"/kubernetes-*; do
  for file in "$folder"/*.yaml; do
    printf '%s, %s: ' "$(basename "$version")" "$(basename "$file")"
    "$kubeconform/kubeconform" -summary -schema-location "$version/{{.ResourceKind}}{{.KindSuffix}}.json" \
      -schema-location "$schemas/crds/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json" "$file" | tee "$work/summary"
    grep -q 'Invalid: 0, Errors: 0, Skipped: 0$' "$work/summary" || status=1
  done
done
"$rollouts/rollouts" "$folder"/*.yaml || status=1
[ "${SCHEMAS_ONLY:-}" != yes ] || exit "$status"

# Free ports: bound all at once, so that they differ.
# shellcheck disable=SC2046
set -- $(python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')
"$controlplane/etcd" --data-dir "$work/etcd" --unsafe-no-fsync --log-level error \
  --listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
  --listen-peer-urls "http://127.0.0.1:$2" --initial-advertise-peer-urls "http://127.0.0.1:$2" \
  --initial-cluster "default=http://127.0.0.1:$2" >"$work/etcd.log" 2>&1 &
store=$!
openssl genrsa -out "$work/account.key" 2048 2>/dev/null
token=$(openssl rand -hex 16)
echo "$token,admin,admin,\"system:masters\"" >"$work/tokens.csv"
"$controlplane/kube-apiserver" --etcd-servers="http://127.0.0.1:$1" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
  --secure-port="$3" --cert-dir="$work/certificates" --service-account-key-file="$work/account.key" \
  --service-account-signing-key-file="$work/account.key" --service-account-issuer=https://kubernetes.default.svc \
  --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=RBAC --token-auth-file="$work/tokens.csv" \
  --endpoint-reconciler-type=none >"$work/apiserver.log" 2>&1 &
server=$!
cat >"$work/kubeconfig" <<END
{apiVersion: v1, kind: Config, current-context: here,
 clusters: [{name: here, cluster: {server: "https://127.0.0.1:$3", insecure-skip-tls-verify: true}}],
 users: [{name: here, user: {token: $token}}], contexts: [{name: here, context: {cluster: here, user: here}}]}
END
export KUBECONFIG="$work/kubeconfig" HOME="$work"
tries=0
until "$kubectl" get --raw /readyz >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 120 ] || ! kill -0 "$server" 2>/dev/null; then
    tail -n 20 "$work/apiserver.log" "$work/etcd.log" >&2
    exit 1
  fi
  sleep 1
done
"$kubectl" version | sed 's/^/kubectl: /'

for project in "$crds"/*/; do "$kubectl" apply --server-side -f "$project" >/dev/null; done
"$kubectl" wait --for=condition=Established --timeout=60s crd --all >/dev/null
"$kubectl" get crd -o name | wc -l | sed 's/$/ custom resource definitions/'

# An object is validated only where its namespace exists, and this one is made by another tree.
"$kubectl" create namespace monitoring >/dev/null
for file in "$folder"/*.yaml; do
  # Pods come from controllers and none runs here, so Pod Security speaks by its warnings about the workloads.
  for round in first second; do
    "$kubectl" apply --server-side --validate=strict -f "$file" >"$work/out" 2>"$work/errors" || status=1
    if [ -s "$work/errors" ]; then
      status=1
      sed "s/^/$(basename "$file"), $round time: /" "$work/errors"
    fi
  done
  echo "$(basename "$file"): $(wc -l <"$work/out") objects applied"
  # The next file is another cluster. Namespaces stay: nobody is here to empty them, so that they would never be gone.
  PYTHONPATH=$python python3 -c '
import sys, yaml
print(yaml.dump_all(d for d in yaml.safe_load_all(open(sys.argv[1])) if d and d["kind"] != "Namespace"))' "$file" |
    "$kubectl" delete --ignore-not-found -f - >/dev/null
done
exit "$status"
