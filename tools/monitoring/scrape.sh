#!/bin/sh
# scrape.sh RENDERED: a real Prometheus loads the rendered configuration and rules, with the targets that Kubernetes would find replaced by real exporters
# on loopback; all are up, all rules evaluate, and what the exporters emit has the names, types and labels of the catalogue. Programs of Debian 12.
# packages: prometheus prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter prometheus-blackbox-exporter redis-server postgresql
# kit: python
set -eu
rendered=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
KIT=$here/../kit
. "$KIT/kit.sh"
. "$KIT/support.sh"
want prometheus prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter prometheus-blackbox-exporter redis-server python3
want_modules python yaml
want_postgres
postgres=$(dirname "$(command -v initdb)")
work=$(mktemp -d)
pids=
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    [ -f "$work/pg/postmaster.pid" ] && kill -INT "$(head -1 "$work/pg/postmaster.pid")" 2>/dev/null
    sleep 1
    rm -rf "$work"
}
trap finish EXIT
# shellcheck disable=SC2046 # seven words
set -- $(free_ports 7)
prometheus=$1 node=$2 pg=$3 pg_exporter=$4 redis=$5 redis_exporter=$6 blackbox=$7

start() { "$@" >"$work/$(basename "$1").log" 2>&1 & pids="$pids $!"; }
# PostgreSQL refuses to run as root.
mkdir "$work/run"
chmod 755 "$work"
chmod 777 "$work/run"
mkdir "$work/pg"
as() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$work/pg"
as "$postgres/initdb -D $work/pg -U postgres -A trust --no-sync >/dev/null && $postgres/pg_ctl -D $work/pg -s -w -l $work/run/pg.log -o '-p $pg -c listen_addresses=127.0.0.1 -k $work/run' start"
start redis-server --port "$redis" --bind 127.0.0.1 --save "" --maxmemory 100mb --dir "$work"
start prometheus-node-exporter --web.listen-address="127.0.0.1:$node"
export DATA_SOURCE_NAME="postgresql://postgres@127.0.0.1:$pg/postgres?sslmode=disable" REDIS_ADDR="redis://127.0.0.1:$redis"
start prometheus-postgres-exporter --web.listen-address="127.0.0.1:$pg_exporter"
start prometheus-redis-exporter --web.listen-address="127.0.0.1:$redis_exporter" --config-command=-
start prometheus-blackbox-exporter --web.listen-address="127.0.0.1:$blackbox" --config.file="$rendered/infra/monitoring/exporters/blackbox.yml"

python3 - "$rendered" "$work" "$prometheus" "$node" "$pg_exporter" "$redis_exporter" "$blackbox" <<'P'
import os, shutil, sys, yaml
rendered, work, prometheus, node, pg, redis, blackbox = sys.argv[1:]
config = yaml.safe_load(open(rendered + "/infra/monitoring/base/config/prometheus.yml"))
config["global"].update(scrape_interval="1s", scrape_timeout="1s", evaluation_interval="2s")
config["rule_files"] = [work + "/rules/*.yaml"]
config["alerting"] = {}
shutil.copytree(rendered + "/infra/monitoring/rules", work + "/rules")
os.remove(work + "/rules/kustomization.yaml")
targets = {"monitoring": [("node-exporter", node, {"node": "here"}), ("prometheus", prometheus, {})]}
if os.path.exists(rendered + "/infra/monitoring/exporters/postgres-exporter.yaml"): targets["monitoring"].append(("postgres-exporter", pg, {"store": "database"}))
if os.path.exists(rendered + "/infra/monitoring/exporters/redis-exporter.yaml"): targets["monitoring"].append(("redis-exporter", redis, {"store": "redis"}))
for job in config["scrape_configs"]:
    if job.pop("kubernetes_sd_configs", None):
        job.pop("relabel_configs", None), job.pop("authorization", None), job.pop("tls_config", None), job.pop("scheme", None)
        job["static_configs"] = [{"targets": ["127.0.0.1:" + port], "labels": {"job": name, **labels}} for name, port, labels in targets.get(job["job_name"], [])]
    else:
        # No name resolves here: the probe itself fails, and that is what probe_success has to say. Its own certificate check is not reached.
        job.pop("file_sd_configs")
        job["static_configs"] = [{"targets": ["https://127.0.0.1:1/"], "labels": {"service": "web"}}]
        job["relabel_configs"][-1]["replacement"] = "127.0.0.1:" + blackbox
yaml.safe_dump(config, open(work + "/prometheus.yml", "w"))
P
export CLUSTER=here ENVIRONMENT=test
start prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus" --enable-feature=expand-external-labels
sleep 12
python3 - "http://127.0.0.1:$prometheus" "$here/../../src/knowledge/metrics.tsv" "$rendered" <<'P' || { for log in "$work"/*.log; do echo "$log"; tail -n 5 "$log"; done; exit 1; }
import json, os, sys, time, urllib.parse, urllib.request
base, catalogue, rendered = sys.argv[1:]
def get(path, **query): return json.load(urllib.request.urlopen(base + "/api/v1/" + path + "?" + urllib.parse.urlencode(query)))["data"]
errors = []
targets = get("targets")["activeTargets"]
for target in targets:
    if target["health"] != "up": errors.append(f"{target['labels']['job']}: {target['health']} {target['lastError']}")
rules = [rule for group in get("rules")["groups"] for rule in group["rules"]]
for rule in rules:
    if rule["health"] != "ok": errors.append(f"rule {rule['name']}: {rule['health']} {rule.get('lastError')}")
    for alert in rule.get("alerts", []):
        for text in alert["annotations"].values():
            if "error expanding" in text or "<no value>" in text: errors.append(f"{rule['name']}: {text}")
firing = sorted({alert["labels"]["alertname"] for alert in get("alerts")["alerts"] if alert["state"] == "firing"})
if "Watchdog" not in firing: errors.append("Watchdog does not fire")
stores = {"postgres-exporter", "redis-exporter"}
here = {"prometheus", "node-exporter", "blackbox-exporter"} | {s for s in stores if os.path.exists(f"{rendered}/infra/monitoring/exporters/{s}.yaml")}
seen = 0
for line in open(catalogue):
    if line.startswith("#"): continue
    name, kind, labels, emitter, _ = line.rstrip("\n").split("\t")
    # No TLS is spoken to here, so there is no certificate to tell of.
    if emitter not in here or name in ("probe_ssl_earliest_cert_expiry", "ALERTS"): continue
    series = get("series", **{"match[]": name})
    if not series:
        errors.append(f"{emitter} does not emit {name}")
        continue
    seen += 1
    for one in series:
        extra = set(one) - set(labels.split()) - {"__name__", "job", "instance", "store", "node", "service"}
        if extra: errors.append(f"{name} has labels that the catalogue lacks: {' '.join(sorted(extra))}")
    metadata = get("metadata", metric=name).get(name, [])
    types = {m["type"] for m in metadata} - {"unknown", "untyped"}
    if types and types != {kind}: errors.append(f"{name} is a {types}, the catalogue says {kind}")
errors = sorted(set(errors))
print("\n".join(errors), end="\n" if errors else "")
print(f"Prometheus {get('status/buildinfo')['version']}: {len(targets)} targets up, {len(rules)} rules, {seen} metrics of the catalogue seen, firing: {' '.join(firing)}")
sys.exit(1 if errors else 0)
P
