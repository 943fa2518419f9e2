#!/bin/sh
# How fast backups are beside what a user would run instead, what a drill takes, and how much memory: bench/backup.py.
# kit: postgres versitygw boto3
#
# AETHEL_BENCH=small: databases of 60 MB, three times: does it run?
# AETHEL_BENCH_ROUNDS=N: how often, instead of five times
# AETHEL_BENCH=large: besides, one backup and one drill of 10 GB (30 GB of room below TMPDIR, about 20 minutes).
set -eu
cd -- "$(dirname -- "$0")/../.."
. tools/kit/kit.sh
want_part postgres
want versitygw
want_modules boto3 boto3
AETHELD=$(dirname -- "${AETHEL:?is the built program}")/aetheld
export AETHELD
POSTGRES=$(kit_folder postgres) PYTHONPATH=tests/running:tests/support:$PYTHONPATH exec python3 bench/backup.py
