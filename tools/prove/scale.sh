#!/bin/sh
# Cost by size on generated trees of up to 200,000 files, beside what git needs for the same tree.
# packages: git time
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
time=/usr/bin/time

measure() { # COMMAND...: "wall cpu MiB", the quickest of three
  for _ in 1 2 3; do
    "$time" -f '%e %U %S %M' -o "$work/time" "$@" > /dev/null 2>&1 || [ $? -eq 1 ]
    tail -n 1 "$work/time"
  done | awk '{ printf "%.2f %.2f %.0f\n", $1, $2 + $3, $4 / 1024 }' | sort -n | head -n 1
}

echo "$(nproc) cores, warm; the quickest of three runs."
echo
echo "| files | \`aethel audit\` s | CPU s | MiB | µs CPU a file | \`git status\` s |"
echo "|---|---|---|---|---|---|"
for files in 12500 25000 50000 100000 200000; do
  tree=$work/tree$files
  sh tools/generated-tree.sh "$files" "$tree"
  git -C "$tree" init -q
  git -C "$tree" -c core.fsync=none add -A
  git -C "$tree" -c user.name=a -c user.email=a@example.com -c gc.auto=0 commit -q -m tree
  git=$(measure git -C "$tree" status)
  aethel=$(measure "$AETHEL" audit "$tree")
  printf '%s %s %s\n' "$files" "$aethel" "$git" |
    awk '{ printf "| %d | %s | %s | %s | %.1f | %s |\n", $1, $2, $3, $4, $3 / $1 * 1e6, $5; print $3 / $1 > "'"$work"'/last" }'
  [ "$files" -ne 25000 ] || cp "$work/last" "$work/first"
  rm -rf "$tree"
done
awk '{ each[NR] = $1 } END { exit !(each[2] <= 2 * each[1]) }' "$work/first" "$work/last" || {
  echo "scale: a file costs more than twice as much at 200,000 as at 25,000"
  exit 1
}
