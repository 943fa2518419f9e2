#!/bin/sh
# `aethel generate` on a disk: what it writes, merges, keeps and refuses, and that a refusal writes nothing.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "generate: $*"
  exit 1
}
run() { # EXPECTED ARGUMENT...
  expected=$1
  shift
  status=0
  "$AETHEL" generate --lang en "$@" > "$work/out" 2> "$work/err" || status=$?
  [ "$status" -eq "$expected" ] || {
    cat "$work/out" "$work/err"
    fail "exit $status instead of $expected: $*"
  }
}
says() { grep -qF -e "$1" "$work/out" "$work/err" || fail "no \"$1\""; }
snapshot() { (cd "$1" && find . -type f -exec cksum '{}' + | sort); }

repository=$work/repository
mkdir "$repository"
run 2 "$repository"
says "there is no aethel.yaml"
printf 'product: {name: shop}\n' > "$repository/aethel.yaml"
run 2 "$repository"
for key in product.email cloud.account environments services; do says "$key"; done
cp examples/aethel-engine/aethel.yaml "$repository"
run 2 --only nothing "$repository"
says 'no part "nothing"'

# Twice the same.
run 0 "$repository"
snapshot "$repository" > "$work/first"
run 0 "$repository"
snapshot "$repository" | cmp -s - "$work/first" || fail "a second run changes something"
run 0 --check "$repository"

# A name in aethel.yaml changes, a person's line at the end of a file that it is in stays.
sed 's/^  name: aethel$/  name: renamed/' examples/aethel-engine/aethel.yaml > "$repository/aethel.yaml"
run 1 --check "$repository"
file=$(sed -n 's/^changed  *\(infra.*yaml\)$/\1/p' "$work/out" | head -n 1)
[ -n "$file" ] || fail "the name of the product is in no file below infra"
printf '# ours\n' >> "$repository/$file"
run 1 --check "$repository"
says "merged with your changes"
run 0 --diff "$repository"
says "+++ b/"
run 0 "$repository"
grep -q '^# ours$' "$repository/$file" || fail "a person's line is lost"
! grep -rqE '(^|[^-])aethel-production' "$repository/infra" || fail "the old name is still there"

# Deleted by a person: stays so.
rm "$repository/$file"
run 0 "$repository"
says "deleted by you"
[ ! -e "$repository/$file" ] || fail "$file is back"

# There before: kept and named, adopted when asked.
rm "$repository/.aethel/generated/$file.base"
mkdir -p "$(dirname "$repository/$file")"
echo theirs > "$repository/$file"
run 0 "$repository"
says "yours, kept"
[ "$(cat "$repository/$file")" = theirs ] || fail "overwritten"
run 0 --adopt "$file" "$repository"
says "adopted"
[ "$(cat "$repository/$file")" != theirs ] || fail "not adopted"

# A conflict: every line of one file changed by a person, and generated anew.
sed 's/.*/mine/' "$repository/$file" > "$work/mine"
cp "$work/mine" "$repository/$file"
cp examples/aethel-engine/aethel.yaml "$repository"
snapshot "$repository" > "$work/before"
run 1 "$repository"
says "in conflict with your changes"
says "nothing was written"
snapshot "$repository" | cmp -s - "$work/before" || fail "a conflict writes something"
cp "$repository/.aethel/generated/$file.base" "$repository/$file"

# Through a symlink nothing is written, and nothing else either.
mv "$repository/infra" "$work/elsewhere"
ln -s "$work/elsewhere" "$repository/infra"
snapshot "$work/elsewhere" > "$work/before"
run 2 "$repository"
says "is a symlink"
snapshot "$work/elsewhere" | cmp -s - "$work/before" || fail "written through a symlink"
rm "$repository/infra"
mv "$work/elsewhere" "$repository/infra"

# What started production before: kept and named, until it is adopted; parts alone replace nothing.
sed 's/^  routing: gateway$/&\n  replaces: [old.yml]/' examples/aethel-engine/aethel.yaml > "$repository/aethel.yaml"
echo 'services: {}' > "$repository/old.yml"
run 0 "$repository"
says "yours, replaced, kept"
run 0 --check "$repository"
run 0 --diff "$repository"
says "-services: {}"
run 0 --adopt . --only compose "$repository"
[ -f "$repository/old.yml" ] || fail "a part alone removes what the whole replaces"
run 0 --adopt old.yml "$repository"
says "replaced, removed"
[ ! -e "$repository/old.yml" ] || fail "not removed"
run 0 --check "$repository"
cp examples/aethel-engine/aethel.yaml "$repository"

# Into another folder.
run 0 --out "$work/out of it" "$repository"
[ -d "$work/out of it/infra" ] || fail "--out wrote nothing"
"$AETHEL" generate --view "$repository" | grep -q '"secret_paths"' || fail "--view"

# .env.production: refused where Git takes it, else with values that differ from run to run.
git init -q "$repository"
run 2 --env-file "$repository"
says "git does not ignore it"
echo .env.production > "$repository/.gitignore"
run 0 --env-file "$repository"
cp "$repository/.env.production" "$work/env"
run 0 --env-file "$repository"
cmp -s "$work/env" "$repository/.env.production" || fail "a second run changes values"
rm "$repository/.env.production"
run 0 --env-file "$repository"
! cmp -s "$work/env" "$repository/.env.production" || fail "random values repeat"
! grep -qF "$(sed -n 's/^POSTGRES_PASSWORD=//p' "$work/env")" "$work/out" || fail "a value is printed"
