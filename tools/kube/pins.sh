# What build.sh makes and accept.sh uses, sourced by both with $here set. A folder's name holds the hash of what decides its content,
# so that a changed pin builds anew and nothing else does.
cache=${AETHEL_TOOLS:-$here/../../.cache/tools}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac

key() { cat "$@" | sha256sum | cut -c1-12; }

python=$cache/kube-python-$(key "$here/requirements.txt")
go=$python/go/bin/go
kubectl=$python/bin/kubectl
controlplane=$cache/kube-controlplane-$(key "$here/requirements.txt" "$here/controlplane/go.mod" "$here/controlplane/go.sum")
kubeconform=$cache/kube-kubeconform-$(key "$here/requirements.txt" "$here/kubeconform/go.mod" "$here/kubeconform/go.sum")
crds=$cache/kube-crds-$(key "$here/crds.tsv")
schemas=$cache/kube-schemas-$(key "$here/requirements.txt" "$here/crds.tsv" "$here/schemas.py")
