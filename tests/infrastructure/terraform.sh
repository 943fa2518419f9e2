#!/bin/sh
# Terraform or OpenTofu formats, validates, plans and applies every stack against the provider's published schema; tflint finds nothing;
# planted defects are found.
# kit: linters tools/terraform/fmt.sh tools/terraform/tflint.sh tools/terraform/stacks.sh
set -eu
. tests/infrastructure/products.sh
products
want_modules linters hcl2
for product in $products; do
  echo "== $product"
  [ -d "$work/$product/infra/terraform" ] || continue
  check "schema of $product" python3 tools/terraform/check_schema.py "$work/$product"
  for script in fmt.sh tflint.sh stacks.sh; do
    check "$script of $product" "tools/terraform/$script" "$work/$product"
  done
  if command -v terraform > /dev/null; then # else it was tofu already
    check "stacks.sh of $product by OpenTofu" tools/terraform/stacks.sh "$work/$product" tofu
  fi
done
check "planted defects" python3 tools/terraform/planted_test.py "$work/aethel-engine"
finish
