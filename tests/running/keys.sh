#!/bin/sh
# Keys and the recovery kit; names of any encoding.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/keys.py
