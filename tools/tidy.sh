#!/bin/sh
# clang-tidy over the sources of src: tidy.sh BUILD_FOLDER JOBS [PATTERN]. A file that passed is not
# read again until it, a header of ours that it includes, the checks or clang-tidy change.
set -eu
build=$1
jobs=$2
pattern=${3:-}
cache=${XDG_CACHE_HOME:-${HOME:-.}/.cache}/aethel/tidy
mkdir -p "$cache" 2> /dev/null || { cache=.cache/tidy && mkdir -p "$cache"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang-tidy-19 --version > "$work/version"

# "SOURCE HEADER..." a line: every header of ours that a source includes, however deeply.
{
  find src -name '*.cc'
  find src '(' -name '*.cc' -o -name '*.h' ')' -exec grep -H '^#include "' {} +
} | awk -F '[:"]' '
  NF == 1 { sources[$1] = 1 }
  NF > 1 { includes[$1] = includes[$1] " src/" $3 }
  function visit(file, parts, count, i) {
    count = split(includes[file], parts, " ")
    for (i = 1; i <= count; i++)
      if (!(parts[i] in seen)) {
        seen[parts[i]] = 1
        line = line " " parts[i]
        visit(parts[i])
      }
  }
  END {
    for (source in sources) {
      split("", seen)
      line = source
      visit(source)
      print line
    }
  }' | sort > "$work/closures"

while read -r source headers; do
  case $source in *"$pattern"*) ;; *) continue ;; esac
  # shellcheck disable=SC2086 # one header a word; ours have no spaces
  key=$(cat .clang-tidy "$work/version" "$source" $headers 2> /dev/null | sha256sum | cut -d ' ' -f 1)
  [ -e "$cache/$key" ] || printf '%s %s\n' "$source" "$cache/$key"
done < "$work/closures" > "$work/todo"

echo "clang-tidy: $(wc -l < "$work/todo") of $(wc -l < "$work/closures") files are new or changed" >&2
[ -s "$work/todo" ] || exit 0
# "clang-tidy SOURCE && touch KEY", as many at once as there are jobs; xargs fails when one does.
xargs -P "$jobs" -n 2 sh -c '
  if said=$(clang-tidy-19 --quiet -p "$0" "$1" 2>&1); then
    touch "$2"
  else
    printf "%s\n" "$said"
    exit 1
  fi' "$build" < "$work/todo"
