# shellcheck shell=sh disable=SC2034
# What build.sh makes and check.sh uses, sourced by both with $here set. A folder's name holds the hash of what decides its content.
cache=${AETHEL_TOOLS:-$here/../../.cache/tools}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac

key() { cat "$@" | sha256sum | cut -c1-12; }

go=${GO:-go}
alertmanager=$cache/monitoring-alertmanager-$(key "$here/alertmanager/go.mod" "$here/alertmanager/go.sum")
promtool=$cache/monitoring-promtool-$(key "$here/promtool/go.mod" "$here/promtool/go.sum")
