#!/bin/sh
# Backups, drills and restores with real PostgreSQL 15 and 18.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/backup.py
