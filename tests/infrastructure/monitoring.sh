#!/bin/sh
# Rules, their tests, dashboards and routes of alerts, by Prometheus' and Alertmanager's own tools.
# kit: tools/monitoring/manifests.sh tools/monitoring/rules.sh tools/monitoring/routes.sh
set -eu
. tests/infrastructure/products.sh
products
want_modules python yaml
for product in $products; do
  echo "== $product"
  for script in alerts.py catalogue.py dashboards.py; do
    check "$script of $product" python3 "tools/monitoring/$script" "$work/$product"
  done
  for script in manifests.sh rules.sh routes.sh; do
    check "$script of $product" "tools/monitoring/$script" "$work/$product"
  done
done
finish
