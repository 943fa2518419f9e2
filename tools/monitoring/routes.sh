#!/bin/sh
# routes.sh RENDERED: amtool accepts the configuration, and each alert reaches the receiver that routes.tsv says. Wants 0.26 or later, for url_file.
# kit: amtool python
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
rendered=$1
config=$rendered/infra/monitoring/base/config/alertmanager.yml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
want amtool
want_modules python yaml
if ! amtool check-config "$config" >"$work/log" 2>&1; then
    if grep -q 'field url_file not found' "$work/log"; then
        kit_absent "an amtool of 0.26 or later" "Debian's is 0.25; tools/kit/build.sh amtool"
    fi
    cat "$work/log"
    exit 1
fi
# The table with * for all other alerts of that severity, against the labels that rules really give.
python3 - "$rendered" >"$work/cases" <<'P'
import csv, glob, sys, yaml
root = sys.argv[1]
table = {tuple(row[:3]): row[3] for row in csv.reader((l for l in open(root + "/infra/monitoring/routes.tsv") if not l.startswith("#")), delimiter="\t")}
environments = sorted({key[2] for key in table})
for file in sorted(glob.glob(root + "/infra/monitoring/rules/*.yaml")):
    for group in (yaml.safe_load(open(file)) or {}).get("groups") or []:
        for rule in group["rules"]:
            if "alert" not in rule:
                continue
            for environment in environments:
                severity = rule["labels"]["severity"]
                receiver = table.get((rule["alert"], severity, environment)) or table[("*", severity, environment)]
                labels = {"alertname": rule["alert"], "environment": environment, **rule["labels"]}
                print(receiver, *(f"{k}={v}" for k, v in labels.items()))
P
status=0
while read -r receiver labels; do
    # shellcheck disable=SC2086 # one argument for each label
    if ! amtool config routes test --config.file="$config" --verify.receivers="$receiver" $labels >"$work/log" 2>&1; then
        echo "$labels: wants $receiver"
        cat "$work/log"
        status=1
    fi
done <"$work/cases"
echo "$(wc -l <"$work/cases") routes, receivers $(cut -d' ' -f1 "$work/cases" | sort | uniq -c | tr -s ' \n' ' ')"
exit $status
