#!/bin/sh
# Asks a real kube-apiserver with the CRDs about manifests: accept.sh FOLDER, where each FOLDER/*.yaml is what one cluster gets, as
# `kubectl kustomize` prints it. Server-side apply with strict validation, twice; no warning, so none of Pod Security either.
# kit: etcd kube-apiserver kubectl crds python
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
. "$KIT/../kube/cluster.sh"
folder=${1:?usage: accept.sh FOLDER}
want etcd kube-apiserver kubectl
want_part crds
want_modules python yaml
ls "$folder"/*.yaml > /dev/null

work=$(mktemp -d)
trap 'cluster_stop; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cluster_start
cluster_crds

status=0
# An object is validated only where its namespace exists, and this one is made by another tree.
kubectl create namespace monitoring > /dev/null
for file in "$folder"/*.yaml; do
  # Pods come from controllers and none runs here, so Pod Security speaks by its warnings about the workloads.
  for round in first second; do
    kubectl apply --server-side --validate=strict -f "$file" > "$work/out" 2> "$work/errors" || status=1
    if [ -s "$work/errors" ]; then
      status=1
      sed "s/^/$(basename "$file"), $round time: /" "$work/errors"
    fi
  done
  echo "$(basename "$file"): $(wc -l < "$work/out") objects applied"
  # The workflow that rotates secrets: what its script asks for, and no secret.
  kubectl get rolebindings -A -o json | python3 -c '
import json, sys
for b in json.load(sys.stdin)["items"]:
    if b["metadata"]["name"] == "rotation": print(b["metadata"]["namespace"], b["subjects"][0]["name"])' > "$work/rotation"
  while read -r namespace group; do
    may() { kubectl --as=rotate --as-group="$group" -n "$namespace" auth can-i "$@" > /dev/null 2>&1; }
    case $namespace in
      monitoring) wanted="patch:externalsecrets.external-secrets.io/grafana-secrets patch:statefulsets.apps/grafana list:pods create:pods/grafana-0:exec" ;;
      *) wanted="patch:externalsecrets.external-secrets.io watch:rollouts.argoproj.io patch:rollouts.argoproj.io patch:deployments.apps watch:deployments.apps" ;;
    esac
    for verb in $wanted; do
      object=${verb#*:}
      case $object in
        *:*) may "${verb%%:*}" "${object%:*}" --subresource="${object##*:}" ;;
        *) may "${verb%%:*}" "$object" ;;
      esac || {
        status=1
        echo "$(basename "$file"): $group may not $verb in $namespace"
      }
    done
    for verb in get:secrets list:secrets create:pods delete:deployments.apps; do
      ! may "${verb%%:*}" "${verb#*:}" || {
        status=1
        echo "$(basename "$file"): $group may $verb in $namespace"
      }
    done
    echo "$(basename "$file"): the rights of $group in $namespace are as its script needs"
  done < "$work/rotation"
  # The next file is another cluster. Namespaces stay: nobody is here to empty them, so that they would never be gone.
  python3 -c '
import sys, yaml
print(yaml.dump_all(d for d in yaml.safe_load_all(open(sys.argv[1])) if d and d["kind"] != "Namespace"))' "$file" |
    kubectl delete --ignore-not-found -f - > /dev/null
done
exit "$status"
