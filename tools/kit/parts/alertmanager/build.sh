#!/bin/sh
# Alertmanager and amtool. The module lacks the built web pages, which the server embeds: an empty one will do here.
set -eu
. "${KIT:?}/kit.sh"
out=$1
cp "$kit"/parts/alertmanager/go.* "$out"
cd "$out"
folder=$(go mod download -json github.com/prometheus/alertmanager | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
cp -r -- "$folder" source
chmod -R u+w source
mkdir -p source/ui/app/dist bin
: > source/ui/app/dist/index.html
go mod edit -replace github.com/prometheus/alertmanager=./source
for program in amtool alertmanager; do
  nice go build -p "${JOBS:-$(nproc)}" -ldflags '-s -w' -o "bin/$program" "github.com/prometheus/alertmanager/cmd/$program"
done
rm -rf source go.*
