#!/bin/sh
# kill -9, full disks, torn writes and lost answers while a backup is made.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/crash.py
