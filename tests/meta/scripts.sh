#!/bin/sh
# Scripts are POSIX, and shellcheck has nothing to say about them. 77: no shellcheck here.
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"

for script in dev .ci/run tests/meta/*.sh tools/*.sh tools/prove/*.sh tools/ready/*.sh; do
  [ -f "$script" ] || continue
  dash -n "$script" 2> /dev/null || sh -n "$script"
  case $(head -n 1 "$script") in
    '#!/bin/sh') ;;
    *)
      echo "$script: begin with #!/bin/sh"
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
