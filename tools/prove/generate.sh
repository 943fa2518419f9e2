#!/bin/sh
# `aethel init` and `generate` on real repositories, judged by other parsers: the folders in AETHEL_REPOSITORIES.
# packages: python3 python3-yaml
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
[ -n "${AETHEL_REPOSITORIES:-}" ] || {
  echo "SKIPPED: AETHEL_REPOSITORIES names no folders (separated by colons)"
  exit 77
}
old=$IFS
IFS=:
# shellcheck disable=SC2086 # one folder a word
set -- $AETHEL_REPOSITORIES
IFS=$old
exec python3 tests/oracle/generate.py --aethel "$AETHEL" "$@"
