#!/bin/sh
# JSON Schemas of Kubernetes and of the custom resources, as kubeconform reads them.
set -eu
. "${KIT:?}/kit.sh"
python=$(kit_folder python) crds=$(kit_folder crds)
PYTHONPATH=$python python3 "$kit/parts/schemas/schemas.py" "$python/kubernetes_validate/kubernetes-json-schema" "$1" "$crds"/*/*.yaml
