#!/bin/sh
# What is generated for aetheld against aetheld itself: commands, options, variables, ports, paths, configuration.
# kit: kubectl compose-oracle postgres python
set -eu
. tests/infrastructure/products.sh
AETHELD=${AETHELD:-$(dirname "$AETHEL")/aetheld}
products
want kubectl compose-oracle
want_part postgres
want_modules python yaml
POSTGRES=$(kit_folder postgres)
export AETHELD POSTGRES
for product in $products; do
  echo "== $product"
  check "aetheld of $product" python3 tests/infrastructure/aetheld.py "$work/$product"
done
finish
