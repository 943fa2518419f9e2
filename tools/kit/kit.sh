# shellcheck shell=sh
# Other people's programs, for checks: sourced by a script, which then says what it wants.
#
#   . tools/kit/kit.sh
#   want kubectl promtool      # in PATH afterwards, from the kit where it was built, else the machine's own
#   crds=$(kit_folder crds)    # a part that holds files rather than programs
#
# What is absent ends the script with 77, "skipped", and says what would bring it; with AETHEL_REQUIRE=yes, as in CI, with 1.
# A part is a folder in parts/; README.md says how one is made. What is built lies in AETHEL_TOOLS, by default the user's cache, in
# folders whose names hold the hash of what decides their content: a changed pin builds anew, and nothing else does.
kit=$(CDPATH='' cd -- "${KIT:-tools/kit}" && pwd)
kit_cache=${AETHEL_TOOLS:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/aethel/tools}
# Without a home that can be written to it is .cache here, as for ccache.
if [ -z "${AETHEL_TOOLS:-}${XDG_CACHE_HOME:-}" ] && [ ! -w "${HOME:-/nonexistent}" ]; then
  kit_cache=$(dirname "$(dirname "$kit")")/.cache/tools
fi

# The folder of sources of a part: its own, or the one that its file `source` names.
kit_source() { # PART
  if [ -f "$kit/parts/$1/source" ]; then
    (CDPATH='' cd -- "$kit/parts/$1/$(cat "$kit/parts/$1/source")" && pwd)
  else
    echo "$kit/parts/$1"
  fi
}

kit_needs() { # PART
  case $1 in python) ;; *) echo python ;; esac
  cat "$kit/parts/$1/needs" 2> /dev/null || true
}

kit_key() { # PART
  {
    for kit_folder in "$kit/parts/$1" "$(kit_source "$1")"; do
      find "$kit_folder" -maxdepth 1 -type f '(' -name 'go.*' -o -name '*.go' -o -name '*.py' -o -name '*.sh' -o -name '*.tsv' -o -name '*.txt' \
        -o -name '*.json' -o -name provides ')' -exec sha256sum {} + | awk '{ print $1 }' | sort
    done
    for kit_needed in $(kit_needs "$1"); do kit_key "$kit_needed"; done
    # Wheels are made for one Python.
    [ ! -f "$kit/parts/$1/requirements.txt" ] || python3 -c 'import sys; print(sys.implementation.cache_tag)'
  } | sha256sum | cut -c1-12
}

kit_folder() { # PART
  echo "$kit_cache/$1-$(kit_key "$1")"
}

kit_part_of() { # PROGRAM
  kit_file=$(grep -l "^$1$(printf '\t')" "$kit"/parts/*/provides | head -n 1)
  [ -z "$kit_file" ] || basename "$(dirname "$kit_file")"
}

kit_absent() { # WHAT HOW
  if [ "${AETHEL_REQUIRE:-}" = yes ]; then
    echo "FAILED: $1 is not here, and is required: $2"
    exit 1
  fi
  echo "SKIPPED: $1 is not here: $2"
  exit 77
}

want() { # PROGRAM...
  for kit_program; do
    kit_part=$(kit_part_of "$kit_program")
    [ -n "$kit_part" ] || {
      command -v "$kit_program" > /dev/null || kit_absent "$kit_program" "install it"
      continue
    }
    kit_folder=$(kit_folder "$kit_part")
    if [ -x "$kit_folder/bin/$kit_program" ]; then
      case :$PATH: in *:"$kit_folder/bin":*) ;; *) PATH=$kit_folder/bin:$PATH ;; esac
    elif ! command -v "$kit_program" > /dev/null; then
      kit_absent "$kit_program" "tools/kit/build.sh $kit_program"
    fi
  done
  export PATH
}

want_part() { # PART... of files
  for kit_part; do
    [ -d "$(kit_folder "$kit_part")" ] || kit_absent "$kit_part" "tools/kit/build.sh $kit_part"
  done
}

# Modules of Python from a part of the kit, or the machine's own.
want_modules() { # PART MODULE...
  kit_folder=$(kit_folder "$1")
  if [ -d "$kit_folder" ]; then
    export PYTHONPATH="$kit_folder${PYTHONPATH:+:$PYTHONPATH}"
    return
  fi
  kit_part=$1
  shift
  for kit_module; do
    python3 -c 'import importlib, sys; importlib.import_module(sys.argv[1])' "$kit_module" 2> /dev/null ||
      kit_absent "Python's $kit_module" "tools/kit/build.sh $kit_part"
  done
}

# Ports of loopback that nothing listens on: bound all at once, so that they differ.
free_ports() { # COUNT
  python3 -c '
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))' "$1"
}
