#!/bin/sh
# Two replicas of aetheld serve behind nginx, restarted in turn under the load of wrk: no request fails.
# kit: postgres
# packages: nginx-light wrk
set -eu
. tools/kit/kit.sh
want_part postgres
want nginx wrk
POSTGRES=$(kit_folder postgres) exec python3 tests/running/rolling.py
