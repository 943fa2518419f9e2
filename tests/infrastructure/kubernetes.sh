#!/bin/sh
# Every overlay builds, and each object has the schema of the oldest and the newest Kubernetes.
# kit: kubectl tools/kube/schemas.sh
set -eu
. tests/infrastructure/products.sh
products
manifests
check schemas tools/kube/schemas.sh "$work/manifests"
finish
