#!/bin/sh
# Builds what check.sh needs beside Debian's packages into a cache, once for each set of pins: build.sh [alertmanager] [promtool]. Alertmanager with amtool
# takes 2 CPU minutes, promtool 7. Debian's: prometheus, prometheus-{node,postgres,redis,blackbox}-exporter, redis-server, postgresql.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/pins.sh"
mkdir -p "$cache"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off

# The folder appears whole or not at all.
finish() {
    mv -T -- "$1" "$2" 2>/dev/null || rm -rf -- "$1"
    [ -d "$2" ]
}

alertmanager() {
    [ ! -d "$alertmanager" ] || return 0
    work=$(mktemp -d "$cache/.alertmanager.XXXXXX")
    mkdir "$work/source"
    cp "$here"/alertmanager/go.* "$work/source"
    # The module lacks the built web pages, which the server embeds: an empty one will do here.
    (
        cd "$work/source"
        folder=$("$go" mod download -json github.com/prometheus/alertmanager | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
        cp -r -- "$folder" alertmanager
        chmod -R u+w alertmanager
        mkdir -p alertmanager/ui/app/dist
        : >alertmanager/ui/app/dist/index.html
        "$go" mod edit -replace github.com/prometheus/alertmanager=./alertmanager
        for program in amtool alertmanager; do
            nice "$go" build -p "${JOBS:-1}" -ldflags '-s -w' -o "../$program" "github.com/prometheus/alertmanager/cmd/$program"
        done
    )
    rm -rf "$work/source"
    finish "$work" "$alertmanager"
}

promtool() {
    [ ! -d "$promtool" ] || return 0
    work=$(mktemp -d "$cache/.promtool.XXXXXX")
    (cd "$here/promtool" && nice "$go" build -p "${JOBS:-1}" -ldflags '-s -w' -o "$work/promtool" github.com/prometheus/prometheus/cmd/promtool)
    finish "$work" "$promtool"
}

[ $# -gt 0 ] || set -- alertmanager promtool
for part; do "$part"; done
