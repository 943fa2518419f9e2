#!/bin/sh
# Asks about manifests without a server: schemas.sh FOLDER, where each FOLDER/*.yaml is what one cluster gets, as `kubectl kustomize` prints it.
#   kubeconform, with the schemas of the oldest and the newest supported Kubernetes and of the custom resources
#   Argo Rollouts' own code: valid Rollouts, and what each condition of an analysis says of no data, NaN and numbers
# kit: kubeconform schemas rollouts-check
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
folder=${1:?usage: schemas.sh FOLDER}
want kubeconform rollouts-check
want_part schemas
ls "$folder"/*.yaml > /dev/null
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
schemas=$(kit_folder schemas)

status=0
for version in "$schemas"/kubernetes-*; do
  for file in "$folder"/*.yaml; do
    printf '%s, %s: ' "$(basename "$version")" "$(basename "$file")"
    kubeconform -summary -schema-location "$version/{{.ResourceKind}}{{.KindSuffix}}.json" \
      -schema-location "$schemas/crds/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json" "$file" | tee "$summary"
    grep -q 'Invalid: 0, Errors: 0, Skipped: 0$' "$summary" || status=1
  done
done
rollouts-check "$folder"/*.yaml || status=1
exit "$status"
