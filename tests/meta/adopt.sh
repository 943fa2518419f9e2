#!/bin/sh
# The audited repository, taken over: init with its owner's answers, generate --adopt. Afterwards every claim of the audit that
# docs/infrastructure.md gives a file is closed by this file, the findings of the claims are gone, and what remains is expected.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
fail() {
  echo "adopt: $*"
  bad=1
}
stop() {
  echo "adopt: $*"
  cat "$work/out" "$work/err"
  exit 1
}
run() { # EXPECTED ARGUMENT...
  expected=$1
  shift
  status=0
  "$AETHEL" "$@" --lang en < /dev/null > "$work/out" 2> "$work/err" || status=$?
  [ "$status" -eq "$expected" ] || stop "exit $status instead of $expected: $*"
}
# As atoms.tsv says it: "finding RULE FILE:LINE", the place that a finding is about, in FILE.all the places beside it too;
# "requirement KIND NAME", with its state.
said() { # EXPECTED FILE
  run "$1" audit -v --today 2026-11-25 "$repository"
  sed -n -e 's/^P[012] .* \[\(.*\)\]$/finding \1/p' -e 's/^ *--> \(.*:[0-9]*\):[0-9]*$/\1/p' "$work/out" |
    tee "$work/places" | awk '/^finding / { rule = $0; next } rule != "" { print rule " " $0; rule = "" }' > "$2"
  awk '/^finding / { rule = $0; next } { print rule " " $0 }' "$work/places" > "$2.all"
  run "$1" audit --format json --today 2026-11-25 "$repository"
  awk -F '"' '/"requirements": \[/ { inside = 1 } /"not_analysed":/ { inside = 0 }
    inside && $2 == "kind" { kind = $4 } inside && $2 == "name" { name = $4 }
    inside && $2 == "state" { print "requirement " kind " " name " " $4 }' "$work/out" >> "$2"
}
tab=$(printf '\t')

repository=$work/repository
cp -r tests/seed/aethel-engine "$repository"
said 1 "$work/before"

# What init sees by itself of what starts production.
run 1 init --print "$repository"
grep -qF 'replaces: [docker-compose.prod.yml]' "$work/out" || fail "init names no file that is replaced"
grep -qE '^#   docker-compose.yml: starts production \(DOCKER_SETUP.md:[0-9]+\)' "$work/out" || fail "init overlooks docker-compose.yml"

run 0 init --answers tests/seed/answers.yaml "$repository"
run 0 generate "$repository"
grep -q '^yours, replaced, kept  *docker-compose.yml$' "$work/out" || fail "removes without --adopt"
[ -f "$repository/docker-compose.yml" ] || fail "docker-compose.yml is gone before --adopt"
run 0 generate --adopt . "$repository"
run 0 generate --check "$repository"
! grep -q . "$work/out" || fail "a second run does not leave all as it is: $(head -n 1 "$work/out")"
# Nothing blocks production any more.
said 0 "$work/after"

# Each claim with a file: it is there and holds the thing. adopted.tsv has those that hold another name here, with the reason.
claims=0
# Tabs beside each other would count as one: empty cells would be lost.
unit=$(printf '\037')
while IFS=$unit read -r id _ status _ _ says _ generated holds _; do
  other=$(awk -F '\t' -v id="$id" '$1 == id { print $2 "\t" $3 }' tests/seed/adopted.tsv)
  if [ -n "$other" ]; then
    generated=${other%%"$tab"*} holds=${other#*"$tab"}
  fi
  if [ -n "$generated" ]; then
    claims=$((claims + 1))
    if [ ! -f "$repository/$generated" ]; then
      fail "$id: no $generated"
    elif ! grep -qF -e "$holds" "$repository/$generated"; then
      fail "$id: $generated lacks $holds"
    fi
  fi
  [ "$status" = answered ] || continue
  case $says in
    finding*)
      grep -qxF "$says" "$work/before.all" || fail "$id: the first audit does not say $says"
      ! grep -qF "$says$tab" tests/seed/remains.tsv || continue
      # Wherever its line would be now.
      ! grep -qF "${says%:*}:" "$work/after" || fail "$id: still ${says%:*}"
      ;;
    "requirement cluster "* | "requirement dns-record "*)
      # Only the operator can bring it; a new pipeline may ask for another one.
      grep -qxF "$says unverified" "$work/before" || fail "$id: not in the first audit's list"
      ;;
    "requirement ci-"*)
      # The pipeline that read it is replaced; those of the new one have other names.
      grep -qxF "$says unverified" "$work/before" || fail "$id: not in the first audit's list"
      ! grep -qF "$says " "$work/after" || fail "$id: still read by a workflow"
      ;;
    requirement*)
      grep -qxF "$says placeholder" "$work/before" || fail "$id: no placeholder in the first audit"
      # Only the operator can give it; that nothing but a placeholder is there is over.
      grep -qxF "$says unverified" "$work/after" || fail "$id: still a placeholder"
      ;;
    *) [ "$says" = none ] || fail "$id: $says" ;;
  esac
done << END
$(sed 1d tests/seed/atoms.tsv | tr '\t' '\037')
END
[ "$claims" -ge 165 ] || fail "only $claims claims have a file"

# And nothing else is found, but for remains.tsv.
sed 1d tests/seed/remains.tsv | cut -f 1 | sort > "$work/expected"
grep '^finding' "$work/after" | sort | diff -u "$work/expected" - || fail "other findings remain than those of remains.tsv"
exit $bad
