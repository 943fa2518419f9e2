#!/bin/sh
# Each example of CONTRIBUTING.md is one new file, compiles and works.
# ci: yes
set -eu
cd -- "$(dirname -- "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/copy
mkdir "$copy"
# What is built, without what was built.
cp -r CMakeLists.txt CMakePresets.json LICENSE cmake src templates tests "$copy"

# "`src/...`:" and then a fence is an example.
awk -v copy="$copy" '
  /^`src\/.*`:$/ { file = substr($0, 2, length($0) - 3); next }
  file != "" && fence == "" && /^```/ { match($0, /^`+/); fence = substr($0, 1, RLENGTH); next }
  fence != "" && $0 == fence { close(copy "/" file); print file; file = fence = ""; next }
  fence != "" { print > (copy "/" file) }
' CONTRIBUTING.md > "$work/files"
fail() {
  echo "one-file: $*"
  exit 1
}
while read -r file; do
  [ ! -e "$file" ] || fail "$file is there already"
done < "$work/files"
[ "$(wc -l < "$work/files")" -eq 5 ] || fail "CONTRIBUTING.md has not five examples"

export CCACHE_BASEDIR="$copy" CCACHE_NOHASHDIR=1
cd -- "$copy"
cmake --preset release > "$work/log" 2>&1 || { cat "$work/log"; fail "cmake"; }
cmake --build build/release --target aethel -j "${DEV_JOBS:-$(nproc)}" > "$work/log" 2>&1 || { tail -n 40 "$work/log"; fail "build"; }

mkdir "$work/repository"
cd -- "$work/repository"
cat > compose.prod.yaml << 'END'
services:
  agent:
    image: ghcr.io/acme/agent:${VERSION}
    privileged: true
END
aethel() { "$copy/build/release/src/aethel" "$@"; }
expect() { # WHAT TEXT COMMAND...
  what=$1
  text=$2
  shift 2
  "$@" > "$work/out" 2> "$work/err" || true
  grep -qF -e "$text" "$work/out" || {
    cat "$work/out" "$work/err"
    fail "$what: no \"$text\""
  }
  echo "* $what: \`$text\`"
}
expect "the rule reports" privileged-container aethel audit --format json .
expect "the rule has a page" "may do everything on its host" aethel explain privileged-container
expect "the format writes" '"compose.prod.yaml:4",P1,privileged-container' aethel audit --format csv .
expect "the command runs" compose:compose.prod.yaml aethel targets .
expect "the command is completed" targets aethel completion bash
expect "VERSION is given by nothing" '"undefined": 1' aethel audit --format json .
printf 'export VERSION=1\n' > .envrc
expect "the reader says who gives it" '"undefined": 0' aethel audit --format json .
printf 'externs:\n  - kind: dns-record\n    name: shop.example\n    reason: at the registrar\n' > aethel.yaml
expect "aethel.yaml takes the kind" '"schema": 1' aethel audit --format json .
