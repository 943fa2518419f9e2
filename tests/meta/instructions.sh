#!/bin/sh
# The number of instructions of a fixed corpus, against the snapshot beside this file: a guard
# that no clock can give. Only for the release program; AETHEL_BLESS=1 rewrites the snapshot.
set -eu
program=build/release/src/aethel
[ -x "$program" ] || { echo "instructions: skipped: no release build"; exit 77; }
command -v valgrind > /dev/null || { echo "instructions: skipped: no valgrind"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
snapshot=tests/meta/instructions.snapshot
for corpus in tests/seed/aethel-engine examples/shop; do
  cp -r "$corpus" "$work/corpus"
  count=$(env -i valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" audit --threads 1 \
    --today 2026-11-25 --format json "$work/corpus" 2>&1 > /dev/null | awk '/Collected/ { print $NF }')
  rm -rf "$work/corpus"
  printf '%s %s\n' "$corpus" "$count"
done > "$work/now"
cat "$work/now"
if [ -n "${AETHEL_BLESS:-}" ] || [ ! -e "$snapshot" ]; then
  cp "$work/now" "$snapshot"
  exit 0
fi
# 3 %: what another minor version of the compiler or of libc moves.
awk 'NR == FNR { was[$1] = $2; next }
  { change = ($2 - was[$1]) / was[$1]; if (change > 0.03 || change < -0.03) { printf "%s: %+.1f %%\n", $1, change * 100; bad = 1 } }
  END { exit bad }' "$snapshot" "$work/now" || { echo "instructions: AETHEL_BLESS=1 sh tests/meta/instructions.sh takes the new numbers"; exit 1; }
