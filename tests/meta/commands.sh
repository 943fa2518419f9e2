#!/bin/sh
# docs/commands.md names every command and every option, and the manual and the completions do too.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

"$AETHEL" man > "$work/aethel.1"
"$AETHEL" completion bash > "$work/aethel.bash"
"$AETHEL" completion zsh > "$work/_aethel"
"$AETHEL" completion fish > "$work/aethel.fish"
# Hyphens of the manual are escaped.
sed 's/\\-/-/g' "$work/aethel.1" > "$work/manual"

names() { # TEXT FILE
  grep -qF -e "$1" -- "$2" || {
    echo "$2 does not name $1"
    bad=1
  }
}

commands=$("$AETHEL" --help | sed -n '/^Subcommands:/,/^[a-z]/s/^  \([a-z][a-z-]*\) .*/\1/p')
[ -n "$commands" ] || {
  echo "aethel --help lists no subcommands"
  exit 1
}
for command in $commands; do
  names "aethel $command" docs/commands.md
  names "aethel $command" "$work/manual"
  for file in aethel.bash _aethel aethel.fish; do names "$command" "$work/$file"; done
  # What aetheld does is its own to document.
  case $command in backup | serve) continue ;; esac
  for option in $("$AETHEL" "$command" --help | grep -oE -e '--[a-z][a-z-]+' | sort -u); do
    names "$option" docs/commands.md
    names "$option" "$work/manual"
    names "$option" "$work/aethel.bash"
    names "${option#--}" "$work/aethel.fish"
  done
done

# They are what they say they are, as far as the shells are here to tell.
for shell in bash zsh; do
  file=$work/aethel.bash
  [ "$shell" = bash ] || file=$work/_aethel
  if command -v "$shell" > /dev/null; then "$shell" -n "$file" || bad=1; fi
done
if command -v fish > /dev/null; then fish --no-execute "$work/aethel.fish" || bad=1; fi

# bash completes by it.
if command -v bash > /dev/null; then
  candidates() { # WORDS... -> candidates for the last one
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aethel; printf "%s\n" "${COMPREPLY[@]}"' "$work/aethel.bash" "$@"
  }
  expect() { # CANDIDATE WORDS...
    candidate=$1
    shift
    candidates "$@" | grep -qxF -e "$candidate" || {
      echo "bash does not complete \"$*\" to $candidate"
      bad=1
    }
  }
  expect audit aethel au
  expect --format aethel audit --fo
  expect json aethel audit --format j
  expect json aethel audit --format = j
  expect sarif aethel audit --format s
  expect undefined-path aethel explain undefined-p
  expect dev aethel audit de
fi
exit $bad
