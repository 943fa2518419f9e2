#!/bin/sh
# The reader of nginx's language against nginx itself: configurations of public repositories as they are and spoilt,
# and the location that answers a path on the loopback.
# packages: git python3 nginx openssl
#
# NGINX_REPOSITORIES names a folder with checkouts; DISCOVERY_REPOSITORIES is taken otherwise, and .cache/discovery.
set -eu
cd -- "$(dirname -- "$0")/../.."
command -v nginx >/dev/null || { echo "nginx is not here: tools/kit brings it" >&2; exit 77; }
folder=${NGINX_REPOSITORIES:-${DISCOVERY_REPOSITORIES:-.cache/discovery}}
tests=${UNIT_TESTS:-build/dev/tests/unit_tests}
[ -x "$tests" ] || { echo "$tests is not built: ./dev build dev unit_tests" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tests/oracle/nginx.py --field "$scratch/answers.tsv" "$folder"
AETHEL_NGINX_ANSWERS=$scratch/answers.tsv "$tests" --gtest_filter='NginxOracle.*'
