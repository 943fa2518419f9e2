#!/bin/sh
# rules.sh RENDERED: promtool checks and tests all rules, every query of dashboards and analyses, and the configuration,
# with Debian's promtool (2.42) and a current one.
# packages: prometheus
# kit: promtool-3 python
set -eu
rendered=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
KIT=$here/../kit
. "$KIT/kit.sh"
want promtool promtool-3
want_modules python yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# Each query as a recording rule, since promtool 2.42 has no other way to parse one.
python3 "$here/catalogue.py" --list-expressions "$rendered" | python3 -c '
import json, sys
rules = [{"record": "query_%d" % i, "expr": json.loads(line)[1]} for i, line in enumerate(sys.stdin)]
json.dump({"groups": [{"name": "queries", "rules": rules}]}, sys.stdout)' >"$work/queries.yaml"

for promtool in promtool promtool-3; do
    "$promtool" --version 2>&1 | head -1
    for file in "$rendered"/infra/monitoring/rules/*.yaml "$work/queries.yaml"; do
        [ "$(basename "$file")" = kustomization.yaml ] && continue
        "$promtool" check rules "$file" >"$work/log" 2>&1 || { cat "$work/log"; status=1; }
    done
    for file in "$rendered"/infra/monitoring/tests/*.yaml; do
        # From its own folder: rule_files are relative to it in a current promtool, to the working folder in old ones.
        (cd "$(dirname "$file")" && "$promtool" test rules "$(basename "$file")") >"$work/log" 2>&1 || { cat "$work/log"; status=1; }
    done
    if CLUSTER=c ENVIRONMENT=e "$promtool" check config --syntax-only "$rendered/infra/monitoring/base/config/prometheus.yml" >"$work/log" 2>&1; then
        :
    elif grep -q 'kubernetes_sd_configs not found' "$work/log"; then
        echo "not by this promtool: prometheus.yml, because it is built without Kubernetes (Debian's is)"
    else
        cat "$work/log"
        status=1
    fi
done
exit $status
