#!/bin/sh
# The audited repository against `git status` on the same tree, in one run. AETHEL_AUDITED names a
# checkout of it, committed into a fresh Git; without it the check is skipped.
# packages: git time
set -eu
tree=${AETHEL_AUDITED:-}
[ -n "$tree" ] || {
  echo "speed: skipped: AETHEL_AUDITED names no checkout of the audited repository"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in 1 2 3 4 5 6 7; do
  /usr/bin/time -f '%e %M' -o "$work/git.$run" git -C "$tree" status > /dev/null
  /usr/bin/time -f '%e %M' -o "$work/aethel.$run" "$AETHEL" audit --format json "$tree" > "$work/report.$run" || true
  sed -i '/^Command/d' "$work/aethel.$run"
done
median() { sort -n "$work"/"$1".[1-7] | sed -n 4p; }
files=$(git -C "$tree" ls-files | wc -l)
set -- $(median git) $(median aethel)
echo "| files | git status, s | aethel audit, s | ratio | resident, MiB |"
echo "|---:|---:|---:|---:|---:|"
awk -v files="$files" -v status="$1" -v audit="$3" -v memory="$4" 'BEGIN {
  printf "| %d | %s | %s | %.2f | %d |\n", files, status, audit, audit / status, memory / 1024
  exit !(audit <= 3 * status && memory <= 150 * 1024) }' || {
  echo "speed: over 3 times git status, or over 150 MiB"
  exit 1
}
for threads in 1 2 8; do "$AETHEL" audit --format json --threads "$threads" "$tree" > "$work/threads.$threads" || true; done
cmp "$work/threads.1" "$work/threads.2"
cmp "$work/threads.1" "$work/threads.8"
echo "the same bytes from 1, 2 and 8 threads"
