#!/bin/sh
# Makes .env from .env.example, with a random value for every secret that is still empty. Keeps what is there.
set -eu
cd "$(dirname "$0")/.."

[ -f .env ] || cp .env.example .env
chmod 600 .env

fill() {
  if grep -q "^$1=\$" .env; then
    sed -i "s|^$1=\$|$1=$(openssl rand -hex "$2")|" .env
    echo "made $1"
  fi
}
fill DATABASE_PASSWORD 24
fill CACHE_PASSWORD 24
fill ORDER_SIGNING_KEY 32
fill GRAFANA_ADMIN_PASSWORD 16

# The production host brings its own keys of AWS; everywhere else the local object store gets what is made here.
if [ "${1:-}" != production ]; then
  fill AWS_ACCESS_KEY_ID 10
  fill AWS_SECRET_ACCESS_KEY 20
fi
