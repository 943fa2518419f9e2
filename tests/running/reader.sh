#!/bin/sh
# Backups are read without Aethel: by tools/read-backup, which was written from docs/backup-format.md alone.
# kit: postgres read-backup
set -eu
. tools/kit/kit.sh
want_part postgres
want_modules read-backup cryptography zstandard
POSTGRES=$(kit_folder postgres) exec python3 tests/running/reader.py "$@"
