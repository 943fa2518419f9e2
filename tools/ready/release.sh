#!/bin/sh
# The released programs: the linker static, small, and complete when they are installed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
./dev install --prefix "$work/a prefix"
cd "$work/a prefix"

fail() {
  echo "release: $*"
  exit 1
}
for file in bin/aethel bin/aetheld share/man/man1/aethel.1 share/bash-completion/completions/aethel \
  share/zsh/site-functions/_aethel share/fish/vendor_completions.d/aethel.fish share/doc/aethel/LICENSE \
  lib/systemd/system/aetheld.service lib/sysusers.d/aetheld.conf; do
  [ -s "$file" ] || fail "$file was not installed"
done
if ldd bin/aethel > /dev/null 2>&1; then fail "bin/aethel is not static"; fi
# The running parts load what the machine has of libpq and libcurl, and find all of it.
if ldd bin/aetheld | grep -q 'not found'; then fail "bin/aetheld lacks a library"; fi
bin/aetheld --version > /dev/null || fail "bin/aetheld does not start"
size=$(wc -c < bin/aethel)
[ "$size" -le 26214400 ] || fail "bin/aethel has $size bytes; 25 MiB are the limit"
echo "bin/aethel: $size bytes, static"

# Nothing of this machine is needed: not the environment, not a home, not a locale.
printf 'services:\n  web:\n    image: nginx:1.29\n    volumes:\n      - ./missing:/srv\n' > "$work/compose.yaml"
status=0
env -i bin/aethel audit --format json "$work" > "$work/report.json" || status=$?
[ "$status" -le 1 ] || fail "audit ended with $status"
grep -q '"schema": *1' "$work/report.json" || fail "the report is not JSON of schema 1"
for threads in 1 2 8; do
  env -i bin/aethel audit --format json --threads "$threads" "$work" | cmp - "$work/report.json" ||
    fail "$threads threads give other bytes"
done
