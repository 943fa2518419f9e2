#!/bin/sh
# `aethel audit --baseline`: a repository with old findings fails on new ones only, and its file is kept as people keep files.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
bad=0
fail() {
  echo "baseline: $*"
  bad=1
}
expect() { # EXIT ARGUMENT...
  expected=$1
  shift
  status=0
  (cd "$work/tree" && "$AETHEL" audit --lang en --today 2026-11-25 --fail-on P1 "$@") > "$work/out" 2> "$work/err" || status=$?
  [ "$status" -eq "$expected" ] || {
    fail "exit $status instead of $expected: $*"
    cat "$work/err"
  }
}
says() { # TEXT
  cat "$work/out" "$work/err" | grep -qF -e "$1" || {
    fail "does not say: $1"
    cat "$work/out" "$work/err"
  }
}

mkdir "$work/tree"
cat > "$work/tree/compose.production.yaml" << 'END'
services:
  web:
    image: nginx:1.28
    volumes:
      - ./ssl:/etc/nginx/ssl:ro
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2hunter2}
END
expect 1 .

# What is wrong with the command line or the file is said, with its place.
expect 2 --update-baseline .
says "--update-baseline wants --baseline FILE"
expect 2 --baseline none.yaml .
says "none.yaml: the baseline does not exist"
expect 2 --baseline no/folder/none.yaml --update-baseline .
says "its folder does not exist"
printf 'version: 1\nfindings:\n  - rule: x\n' > "$work/tree/wrong.yaml"
cp "$work/tree/wrong.yaml" "$work/wrong"
expect 2 --baseline wrong.yaml .
says 'wrong.yaml:3:5: "fingerprint" is missing'
expect 2 --baseline wrong.yaml --update-baseline .
cmp "$work/wrong" "$work/tree/wrong.yaml" || fail "a wrong file was written over"
rm "$work/tree/wrong.yaml"

# Made, and the same bytes again.
expect 0 --baseline old.yaml --update-baseline .
says "old.yaml: 2 entries, 2 added, 0 dropped"
says "new: 0; in the baseline old.yaml: 2, expired: 0; no longer found: 0"
cp "$work/tree/old.yaml" "$work/first"
expect 0 --baseline old.yaml --update-baseline .
says "old.yaml: nothing to change"
cmp "$work/first" "$work/tree/old.yaml" || fail "not the same bytes"
expect 0 --baseline old.yaml .
says "2 more are in the baseline"
! grep -q ':[0-9]' "$work/tree/old.yaml" || fail "line numbers in the baseline"
! grep -q hunter2 "$work/tree/old.yaml" || fail "a secret in the baseline"

# Lines move, and it is still known. From another folder too.
sed -i '1i # a comment\n# another' "$work/tree/compose.production.yaml"
expect 0 --baseline old.yaml .
(cd / && "$AETHEL" audit --today 2026-11-25 --baseline "$work/tree/old.yaml" --format json "$work/tree") > "$work/out" 2> "$work/err" || fail "from another folder"
! grep -qF "$work" "$work/out" || fail "an absolute path in the report"

# A new finding fails; what was there does not, and what is gone is said.
sed -i -e 's/image: nginx:1.28/&\n    depends_on: [cache]/' -e '/\.\/ssl/d' -e '/volumes:/d' "$work/tree/compose.production.yaml"
printf 'version: 1\ntargets: [{compose: compose.production.yaml}]\n' > "$work/tree/aethel.yaml"
expect 1 --baseline old.yaml .
says "new: 1; in the baseline old.yaml: 1, expired: 0; no longer found: 1"
says "undefined-path compose.production.yaml ssl"
expect 1 --baseline old.yaml --format github .
says "::error file=compose.production.yaml"
[ "$(grep -c '^::error' "$work/out")" -eq 1 ] || fail "an old finding is annotated"

# Only some rules: the entries of the others stay.
expect 0 --baseline old.yaml --update-baseline --only undefined-service .
says "old.yaml: 2 entries, 1 added, 1 dropped"
expect 0 --baseline old.yaml .

# A person's reason and day outlive an update; a day that is past lets the finding count again.
sed -i 's/^  - rule: weak-default$/&\n    reason: "the vault: comes"\n    expires: 2026-11-24/' "$work/tree/old.yaml"
expect 1 --baseline old.yaml .
says "its entry has expired: it counts again"
expect 1 --baseline old.yaml --update-baseline .
grep -qF 'the vault: comes' "$work/tree/old.yaml" || fail "the reason is gone"
grep -qF 'expires: 2026-11-24' "$work/tree/old.yaml" || fail "the day is gone"
sed -i 's/2026-11-24/2026-11-25/' "$work/tree/old.yaml"
expect 0 --baseline old.yaml .

# Never written by an audit that failed, or that could not see what production starts.
cp "$work/tree/old.yaml" "$work/kept"
mv "$work/tree/aethel.yaml" "$work/aethel.yaml"
printf 'version: one\n' > "$work/tree/aethel.yaml"
expect 2 --baseline old.yaml --update-baseline .
cmp "$work/kept" "$work/tree/old.yaml" || fail "written after a failure"
mv "$work/aethel.yaml" "$work/tree/aethel.yaml"
cp "$work/tree/compose.production.yaml" "$work/compose"
printf 'services: [\n' > "$work/tree/compose.production.yaml"
expect 1 --baseline old.yaml --update-baseline .
says "the baseline stays as it is"
cmp "$work/kept" "$work/tree/old.yaml" || fail "written although production was not analysed"
cp "$work/compose" "$work/tree/compose.production.yaml"
mkdir "$work/empty"
(cd "$work/empty" && "$AETHEL" audit --baseline "$work/tree/old.yaml" --update-baseline . > /dev/null 2>&1) || [ $? -eq 4 ] || fail "nothing to audit"
cmp "$work/kept" "$work/tree/old.yaml" || fail "emptied by an empty folder"
ln -s old.yaml "$work/tree/link.yaml"
expect 2 --baseline link.yaml --update-baseline .
[ -h "$work/tree/link.yaml" ] || fail "a symlink was replaced"
exit $bad
