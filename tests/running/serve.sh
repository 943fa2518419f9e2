#!/bin/sh
# Health and metrics beside a PostgreSQL that hangs and comes back.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/serve.py
