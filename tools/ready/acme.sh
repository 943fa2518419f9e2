#!/bin/sh
# nginx and certbot as on the one machine, with Pebble in place of Let's Encrypt.
# kit: tools/compose/acme.sh
set -eu
. tests/infrastructure/products.sh
products
check "certificates by ACME" tools/compose/acme.sh "$work/aethel-engine"
finish
