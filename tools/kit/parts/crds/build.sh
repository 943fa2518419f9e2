#!/bin/sh
# The custom resource definitions of crds.tsv: a folder for each project.
set -eu
. "${KIT:?}/kit.sh"
out=$1
cd "$out"
grep -v '^#' "$kit/parts/crds/crds.tsv" | while IFS="$(printf '\t')" read -r module version sum folder; do
  # Out of any module: nothing is resolved, only this archive fetched.
  answer=$(go mod download -json "$module@$version" < /dev/null)
  [ "$(printf '%s\n' "$answer" | sed -n 's/^.*"Sum": "\(.*\)".*$/\1/p')" = "$sum" ] || {
    echo "$module@$version has not the sum of crds.tsv" >&2
    exit 1
  }
  directory=$(printf '%s\n' "$answer" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
  mkdir -p "$(basename "$module")"
  for file in "$directory/$folder"/*.yaml; do
    [ "$(basename "$file")" = kustomization.yaml ] || cp -- "$file" "$(basename "$module")"
  done
  chmod -R u+w .
done
