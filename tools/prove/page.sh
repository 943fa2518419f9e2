#!/bin/sh
# The page of `aetheld serve` in a real browser, at the width of a desk and of a phone.
# kit: postgres
#
# AETHEL_LOOK=FOLDER: keeps the pictures there.
set -eu
cd -- "$(dirname -- "$0")/../.."
. tools/kit/kit.sh
want_part postgres
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "skipped: there is no chromium (Debian: apt-get install chromium)"
  exit 77
}
AETHELD=$(dirname -- "${AETHEL:?is the built program}")/aetheld
export CHROMIUM AETHELD
POSTGRES=$(kit_folder postgres) PYTHONPATH=tests/running exec python3 tools/prove/page.py
