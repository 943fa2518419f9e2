#!/bin/sh
# What `aetheld backup check` finds before the first run.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/check.py
