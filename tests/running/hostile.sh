#!/bin/sh
# Requests over raw sockets that no client of good will sends, beside one that is served all the time.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/hostile.py
