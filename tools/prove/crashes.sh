#!/bin/sh
# kill -9 of a backup at 50 random moments; full disks, torn writes and lost answers besides.
# kit: postgres
#
# AETHEL_SEED=N: other moments than last time's.
set -eu
cd -- "$(dirname -- "$0")/../.."
AETHELD=$(dirname -- "${AETHEL:?is the built program}")/aetheld
[ -x "$AETHELD" ] || {
  echo "there is no aetheld beside $AETHEL"
  exit 1
}
export AETHELD
# Seconds of a backup, in several objects: a moment may lie in any part of it.
AETHEL_CRASHES=${AETHEL_CRASHES:-50} AETHEL_CRASH_ROWS=${AETHEL_CRASH_ROWS:-6000000} exec sh tests/running/crash.sh
