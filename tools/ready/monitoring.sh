#!/bin/sh
# A real Prometheus loads what is generated and scrapes real exporters; a real Alertmanager delivers.
# kit: tools/monitoring/scrape.sh tools/monitoring/deliver.sh
set -eu
. tests/infrastructure/products.sh
products
check scraping tools/monitoring/scrape.sh "$work/aethel-engine"
for product in $products; do
  check "deliveries of $product" tools/monitoring/deliver.sh "$work/$product"
done
finish
