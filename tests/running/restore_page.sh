#!/bin/sh
# The commands of docs/restore.md, word for word: a bucket is restored with the recovery kit and the bucket's credentials alone.
# kit: postgres read-backup boto3
set -eu
. tools/kit/kit.sh
want_part postgres
want_modules read-backup cryptography zstandard
want_modules boto3 boto3
POSTGRES=$(kit_folder postgres) exec python3 tests/running/restore_page.py
