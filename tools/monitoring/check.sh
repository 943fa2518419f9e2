#!/bin/sh
# check.sh RENDERED: asks everything in this folder about a rendered tree (the folder that holds infra/ and docs/). Says at the end what was skipped; exit
# status 77 when something was and nothing failed. REQUIRE=yes makes a skip a failure.
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd)
. "$here/pins.sh"
rendered=$(cd "${1:?usage: check.sh RENDERED}" && pwd)
[ -x "$alertmanager/amtool" ] && export AMTOOL="$alertmanager/amtool" ALERTMANAGER="$alertmanager/alertmanager"
export PROMTOOL="promtool $promtool/promtool"
failed=""
skipped=""
for check in alerts.py catalogue.py dashboards.py manifests.sh rules.sh routes.sh deliver.sh scrape.sh; do
    echo "== $check"
    status=0
    "$here/$check" "$rendered" || status=$?
    case $status in
    0) ;;
    77) skipped="$skipped $check" ;;
    *) failed="$failed $check" ;;
    esac
done
[ -x "$promtool/promtool" ] || skipped="$skipped promtool-3"
[ -z "$skipped" ] || echo "SKIPPED, wholly or in part:$skipped (tools/monitoring/build.sh, and Debian's packages)"
if [ -n "$failed" ]; then
    echo "FAILED:$failed"
    exit 1
fi
if [ -n "$skipped" ]; then
    [ "${REQUIRE:-}" = yes ] && exit 1
    exit 77
fi
