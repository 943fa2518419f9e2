#!/bin/sh
# actionlint, zizmor and shellcheck find nothing, and releases go and come back as they should.
# kit: tools/workflows/check.sh tools/workflows/release.sh
set -eu
. tests/infrastructure/products.sh
products
for product in $products; do
  echo "== $product"
  check "workflows of $product" tools/workflows/check.sh "$work/$product"
  check "releases of $product" tools/workflows/release.sh "$work/$product"
done
finish
