#!/bin/sh
# Asks a running shop whether it serves: scripts/smoke.sh https://aethel-shop.dev
# SMOKE_INSECURE=1 takes a certificate that nothing trusts (staging, a rehearsal).
set -eu
base="${1:?usage: scripts/smoke.sh URL}"

ask() {
  curl --fail --silent --show-error ${SMOKE_INSECURE:+--insecure} "$@"
}
ask --retry 10 --retry-all-errors --retry-delay 3 --output /dev/null "$base/"
products="$(ask "$base/v1/products")"
case "$products" in
  *price_cents*) echo "$base serves its products" ;;
  *) echo "$base answered without products: $products" >&2; exit 1 ;;
esac
