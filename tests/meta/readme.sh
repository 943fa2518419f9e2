#!/bin/sh
# The reports shown in the two READMEs are what the program says today. AETHEL_BLESS=1 rewrites them.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# The block of code after the comment "<!-- aethel audit tests/readme -->".
for language in en pt-BR; do
  page=README.md
  [ "$language" = en ] || page=README.$language.md
  "$AETHEL" audit --lang "$language" --today 2026-12-01 tests/readme > "$work/report" || [ $? -eq 1 ]
  awk -v report="$work/report" '
    !shown && /^<!-- aethel audit tests\/readme -->$/ { print; getline; print; while ((getline line < report) > 0) print line; skip = shown = 1; next }
    skip && /^```$/ { skip = 0 }
    !skip
    END { exit !shown }' "$page" > "$work/page"
  cmp -s "$page" "$work/page" && continue
  if [ -n "${AETHEL_BLESS:-}" ]; then
    cp "$work/page" "$page"
  else
    diff -u "$page" "$work/page" || bad=1
  fi
done
exit $bad
