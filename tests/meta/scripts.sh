#!/bin/sh
# Scripts are POSIX, and shellcheck has nothing to say about them. 77: no shellcheck here.
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

# Of names without blanks.
# shellcheck disable=SC2013
for script in dev .ci/run $(find tests/meta tests/infrastructure tests/running tools -name '*.sh' 2> /dev/null | sort); do
  [ -f "$script" ] || continue
  dash -n "$script" 2> /dev/null || sh -n "$script"
  case $(head -n 1 "$script") in
    '#!/bin/sh' | '# shellcheck shell=sh') ;; # one is run, the other is sourced
    *)
      echo "$script: begin with #!/bin/sh, or \"# shellcheck shell=sh\" where it is sourced"
      exit 1
      ;;
  esac
  set -- "$@" "$script"
done
[ $# -gt 0 ] && [ -d "$1" ] && shift
if ! command -v shellcheck > /dev/null; then
  echo "SKIPPED: shellcheck is not here"
  exit 77
fi
shellcheck -- "$@"
echo "$# scripts"
