#!/bin/sh
# Files and ignored paths against git, on public repositories as they are and with planted files.
# packages: git python3
#
# Clones lie in .cache/discovery and are made once; DISCOVERY_REPOSITORIES names a folder that has them already.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
clones=${DISCOVERY_REPOSITORIES:-.cache/discovery}

# docs/discovery.md has the same list.
repositories='
MaarksN/SAAS-360-CORRE-O a3c0c67acbc3abae69167c3453e19b4f3c646233
Nera26/pokerhub c4611c7b50a9aea7780f1d39cf3a7f241a917340
Oikion/mvp 50758ce18f3054ce93aee2fc6c0b162ffdd27454
coollabsio/coolify 379abb252621f34b318190bd49b614aed9818716
docker/awesome-compose 18f59bdb09ecf520dd5758fbf90dec314baec545
getsentry/self-hosted 89a143f8e4d396a858cf6f462a832ae7da9fd2db
git/git 1a3e64c6c4a623626ff0687008732a8e007e2a1c
instana/robot-shop 55292e2199f2fb00a165b1f7d3045fe7f8922038
microservices-demo/microservices-demo 9dff06fae4981921caec6a62393a6ebfce4b3e3f
open-telemetry/opentelemetry-demo 054282e318317f2be09f67dd9b0d7d1278566cfa
splits-network/splits 1a8161e6a21d818e405f08ce40816d2c86b24b13
vitejs/vite a98c8d95d552c6fa98ab66fb810f5b39ad5abf49
'

set --
while read -r name commit; do
  [ -n "$name" ] || continue
  clone=$clones/$(printf %s "$name" | tr / +)
  if [ ! -d "$clone/.git" ]; then
    git init -q "$clone.new"
    if ! git -C "$clone.new" fetch -q --depth 1 "https://github.com/$name" "$commit"; then
      echo "$name: not reachable"
      rm -rf "$clone.new"
      continue
    fi
    git -C "$clone.new" checkout -q FETCH_HEAD
    mv "$clone.new" "$clone"
  fi
  set -- "$@" "$clone"
done << END
$repositories
END

status=0
echo "Random ignore files:"
python3 tests/oracle/discovery.py --aethel "$AETHEL" --patterns 1000 || status=1
[ $# -gt 0 ] || {
  echo "SKIPPED: no repository of the list can be reached"
  exit 77
}
echo
echo "As they are:"
echo
python3 tests/oracle/discovery.py --aethel "$AETHEL" "$@" || status=1
echo
echo "With planted files:"
echo
python3 tests/oracle/discovery.py --aethel "$AETHEL" --plant "$@" || status=1
exit $status
