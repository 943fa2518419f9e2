#!/bin/sh
# The webhook and the heartbeat of aetheld serve: after a backup, after one that failed, and with a receiver that is away.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/notify.py
