#!/bin/sh
# A real API server with the custom resources accepts every object of every overlay.
# kit: tools/kube/accept.sh
set -eu
. tests/infrastructure/products.sh
products
manifests
check "API server" tools/kube/accept.sh "$work/manifests"
finish
