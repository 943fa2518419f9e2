#!/bin/sh
# The unit of systemd and the image file, by systemd's own checks, hadolint, our linker, and against aetheld itself.
# packages: systemd
# kit: hadolint postgres python
set -eu
. tests/infrastructure/products.sh
AETHELD=${AETHELD:-$(dirname "$AETHEL")/aetheld}
want systemd-analyze systemd-sysusers hadolint
want_part postgres
want_modules python yaml
POSTGRES=$(kit_folder postgres)
export AETHEL AETHELD POSTGRES

unit=$work/aetheld.service
# Its programs are looked for where systemd looks, which a build folder is not.
sed "s|^ExecStart=aetheld |ExecStart=\"$AETHELD\" |" packaging/aetheld.service > "$unit"
silent() { # COMMAND...: succeeds without a word
  "$@" > "$work/log" 2>&1 && [ ! -s "$work/log" ] && return
  cat "$work/log"
  return 1
}
said() { # COMMAND...: succeeds, and its last line is shown; else all
  if "$@" > "$work/log" 2>&1; then tail -n 1 "$work/log"; else
    cat "$work/log"
    return 1
  fi
}
check "systemd-analyze verify" silent systemd-analyze verify --man=no "$unit"
# Of 100, which is a service without any bound.
check "systemd-analyze security" said systemd-analyze security --offline=true --threshold=20 --no-pager "$unit"
check systemd-sysusers said systemd-sysusers --dry-run "$PWD/packaging/aetheld-sysusers.conf"
check hadolint hadolint packaging/Dockerfile
check "against aetheld" python3 tests/infrastructure/packaging.py "$work"
finish
