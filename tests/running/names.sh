#!/bin/sh
# A name server that says nothing, beside checks that ask for names: in a network and with a resolver of their own.
# kit: postgres
# packages: iproute2
set -eu
. tools/kit/kit.sh
want_part postgres
want unshare ip
if ! unshare --mount --net true 2> /dev/null; then
  echo "SKIPPED: no namespace can be made here"
  exit 77
fi
POSTGRES=$(kit_folder postgres) exec unshare --mount --net python3 tests/running/names.py
