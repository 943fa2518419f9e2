#!/bin/sh
# The API of aetheld serve beside a real PostgreSQL, asked by schemathesis for what its own document promises.
# kit: postgres schemathesis
set -eu
. tools/kit/kit.sh
want_part postgres
want schemathesis
POSTGRES=$(kit_folder postgres) exec python3 tests/running/api.py
