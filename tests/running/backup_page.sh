#!/bin/sh
# The commands of docs/backup.md, word for word.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/backup_page.py
