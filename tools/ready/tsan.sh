#!/bin/sh
# Every test again under ThreadSanitizer, but for what only other people's programs do, and drills and
# crashes, which start a process each: what they do in it, backup and serve do as well.
./dev test --preset tsan -E '^infrastructure|^running.(drill|crash)$' && exit
status=$?
# What failed stands in the middle of a long output: its last lines once more, at the end.
logs=build/tsan/Testing/Temporary
[ -f "$logs/LastTestsFailed.log" ] || exit "$status"
cut -d : -f 2 "$logs/LastTestsFailed.log" | while read -r name; do
  printf '\n== %s\n' "$name"
  awk -v name="$name" '/^[0-9]+\/[0-9]+ Testing: / { inside = $3 == name } inside' "$logs/LastTest.log" | tail -n 80
done
exit "$status"
