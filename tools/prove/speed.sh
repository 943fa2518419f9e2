#!/bin/sh
# Time and memory beside `git status`, on real repositories: the folders named in AETHEL_REPOSITORIES.
# packages: git time
#
# Each folder is committed as it is into a fresh git, so that both read the same files. The budget: at most
# three times the wall time of `git status` (or 0.2 s, where git has little to do), and 150 MiB resident.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -n "${AETHEL_REPOSITORIES:-}" ] || {
  echo "SKIPPED: AETHEL_REPOSITORIES names no folders (separated by colons)"
  exit 77
}

measure() { # COMMAND...: "wall MiB", the quickest of seven
  for _ in 1 2 3 4 5 6 7; do
    /usr/bin/time -f '%e %M' -o "$work/time" "$@" > /dev/null 2>&1 || [ $? -eq 1 ]
    tail -n 1 "$work/time"
  done | awk '{ printf "%.2f %.0f\n", $1, $2 / 1024 }' | sort -n | head -n 1
}

echo "$(nproc) cores, warm; the quickest of seven runs."
echo
echo "| repository | files | \`git status\` s | \`aethel audit\` s | times | MiB |"
echo "|---|---|---|---|---|---|"
bad=0
old=$IFS
IFS=:
for folder in $AETHEL_REPOSITORIES; do
  IFS=$old
  tree=$work/tree
  mkdir "$tree"
  (cd "$folder" && tar cf - --exclude=.git .) | tar xf - -C "$tree"
  git -C "$tree" init -q
  git -C "$tree" -c core.fsync=none add -A > /dev/null 2>&1
  git -C "$tree" -c user.name=a -c user.email=a@example.com -c gc.auto=0 commit -q -m tree
  files=$(git -C "$tree" ls-files | wc -l)
  git=$(measure git -C "$tree" status)
  aethel=$(measure "$AETHEL" audit "$tree")
  printf '%s %s %s %s\n' "$(basename "$folder")" "$files" "$git" "$aethel" |
    awk '{ printf "| %s | %d | %s | %s | %.1f | %s |\n", $1, $2, $3, $5, $5 / ($3 > 0 ? $3 : 0.01), $6
           exit !(($5 <= 3 * $3 || $5 <= 0.2) && $6 <= 150) }' || bad=1
  rm -rf "$tree"
done
[ "$bad" -eq 0 ] || echo "speed: over the budget"
exit $bad
