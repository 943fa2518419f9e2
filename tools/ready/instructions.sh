#!/bin/sh
# Instructions of the release on fixed trees, against bench/instructions.tsv: more than 5 % over it fails.
# AETHEL_BLESS=1 writes the file. Counts, not seconds: they are the same on a busy machine.
set -eu
command -v valgrind > /dev/null || {
  echo "SKIPPED: valgrind is not here"
  exit 77
}
./dev build release aethel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh tools/generated-tree.sh 2000 "$work/generated-2000"
cp -r tests/seed/aethel-engine "$work/aethel-engine"

for tree in aethel-engine generated-2000; do
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/log" \
    build/release/src/aethel audit --threads 1 --today 2026-01-07 --lang en "$work/$tree" > /dev/null || [ $? -eq 1 ]
  printf '%s\t%s\n' "$tree" "$(sed -n 's/.*Collected : *//p' "$work/log")"
done > "$work/now"
cat "$work/now"

snapshot=bench/instructions.tsv
if [ -n "${AETHEL_BLESS:-}" ]; then
  { echo "# Instructions of \`aethel audit --threads 1\`; tools/ready/instructions.sh compares and writes them." && cat "$work/now"; } > "$snapshot"
  exit
fi
awk -F '\t' 'FNR == NR { if ($0 !~ /^#/) was[$1] = $2; next }
  !($1 in was) { print $1 " has no line in the snapshot"; bad = 1; next }
  $2 > was[$1] * 1.05 { printf "%s: %.1f %% more instructions than the snapshot\n", $1, ($2 / was[$1] - 1) * 100; bad = 1 }
  $2 < was[$1] * 0.9 { printf "%s: %.1f %% fewer; write it down with AETHEL_BLESS=1\n", $1, (1 - $2 / was[$1]) * 100 }
  END { exit bad }' "$snapshot" "$work/now"
