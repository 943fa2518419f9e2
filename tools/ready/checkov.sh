#!/bin/sh
# Checkov reports only what a committed file answers with a reason.
# kit: tools/terraform/checkov.sh
set -eu
. tests/infrastructure/products.sh
products
for product in $products; do
  [ -d "$work/$product/infra/terraform" ] || continue
  small=1
  [ "$product" != aethel-engine/ ] || small=
  check "Checkov of $product" env SMALL=$small tools/terraform/checkov.sh "$work/$product"
done
finish
