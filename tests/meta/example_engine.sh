#!/bin/sh
# examples/aethel-engine: what is committed is what is generated, the linker finds nothing wrong in it, and a small
# change of aethel.yaml changes what a reviewer expects (tests/generate/*.diff; AETHEL_BLESS=1 rewrites them).
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
fail() {
  echo "example: $*"
  bad=1
}

if [ -n "${AETHEL_BLESS:-}" ]; then "$AETHEL" generate --adopt . examples/aethel-engine > /dev/null; fi
"$AETHEL" generate --check --lang en examples/aethel-engine > "$work/out" || {
  cat "$work/out"
  fail "generate changes the committed files: run with AETHEL_BLESS=1"
}

"$AETHEL" audit --format json --fail-on P2 examples/aethel-engine > "$work/report" || {
  grep -A2 '"message"' "$work/report" | head -n 20
  fail "the linker finds something"
}
# Silence must come from looking: one number an outcome, those of tests/planted/references.tsv.
for outcome in resolved undefined duplicate ambiguous external dynamic unknown; do
  said=$(sed -n "s/.*\"$outcome\": \([0-9]*\).*/\1/p" "$work/report" | head -n 1)
  expected=$(awk -F '\t' -v outcome="$outcome" '$3 == outcome { sum += $4 } END { print sum + 0 }' tests/planted/references.tsv)
  [ "$said" = "$expected" ] || fail "${said:-no} references are $outcome, not $expected"
done

# NAME, what changes in aethel.yaml, the lines that differ by file.
change() { # NAME SED-EXPRESSION
  rm -rf "$work/engine"
  cp -r examples/aethel-engine "$work/engine"
  sed "$2" examples/aethel-engine/aethel.yaml > "$work/engine/aethel.yaml"
  ! cmp -s examples/aethel-engine/aethel.yaml "$work/engine/aethel.yaml" || fail "$1 changes nothing in aethel.yaml"
  "$AETHEL" generate --diff --lang en "$work/engine" > "$work/$1.diff"
  [ -s "$work/$1.diff" ] || fail "$1 changes nothing"
  if [ -n "${AETHEL_BLESS:-}" ]; then
    cp "$work/$1.diff" "tests/generate/$1.diff"
  else
    diff -u "tests/generate/$1.diff" "$work/$1.diff" || bad=1
  fi
}
change host 's/grafana: grafana\.aethel\.dev/grafana: dashboards.aethel.dev/'
change secret 's/^      RESEND_API_KEY: .*/&\n      REPLICATE_API_KEY: {secret: replicate\/api_key}/; s/^  sentry\/dsn:/  replicate\/api_key: {supplier: "https:\/\/replicate.com\/account", rotate: 90}\n&/'
change service 's/scaling: {min: 2, max: 10, connections: 500}/scaling: {min: 4, max: 10, connections: 500}/'
exit $bad
