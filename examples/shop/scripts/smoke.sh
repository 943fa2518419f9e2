#!/bin/sh
# Asks a running shop whether it serves: scripts/smoke.sh https://aethel-shop.dev
set -eu
base="${1:?usage: scripts/smoke.sh URL}"

curl --fail --silent --show-error --retry 10 --retry-all-errors --retry-delay 3 --output /dev/null "$base/"
products="$(curl --fail --silent --show-error "$base/v1/products")"
case "$products" in
  *price_cents*) echo "$base serves its products" ;;
  *) echo "$base answered without products: $products" >&2; exit 1 ;;
esac
