#!/bin/sh
# compose's own loader, nginx, shellcheck and hadolint accept the set-up of one machine.
# kit: tools/compose/check.sh
set -eu
. tests/infrastructure/products.sh
products
for product in $products; do
  echo "== $product"
  check "one machine of $product" tools/compose/check.sh "$work/$product"
done
finish
