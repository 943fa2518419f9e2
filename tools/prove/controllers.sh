#!/bin/sh
# The generated objects and release.sh before real controllers: rollouts, analyses, rollbacks, drains, Jobs.
# packages: bash openssl prometheus python3 python3-yaml
# kit: etcd kube-apiserver kube-controller-manager kube-scheduler kubectl crds kwok rollouts-controller kustomize yq python
#
# Real: the API server with Pod Security, the controller manager, the scheduler, Argo Rollouts, Prometheus with the generated scrape
# configuration, release.sh with kubectl, kustomize and yq. Simulated: the nodes and cert-manager (KWOK; tools/kube/stages.yaml), and what a
# service says of itself (tools/kube/series.py), each by the image's digest. Stand-ins: gh, and curl of the smoke test. tools/kube/test-overlay
# says what is changed about production. All on loopback, in about five minutes: controllers.sh [FOLDER], the example's product in another
# state.
# KEEP=FOLDER keeps the logs.
#
# shellcheck disable=SC1091,SC2317,SC2329 # sourced from tools/; most functions are assertions, called by name
set -eu
cd -- "$(dirname -- "$0")/../.."
example=$(cd -- "${1:-examples/aethel-engine}" && pwd)
tools=$PWD/tools
KIT=$tools/kit
. "$KIT/kit.sh"
. "$tools/kube/cluster.sh"
want etcd kube-apiserver kube-controller-manager kube-scheduler kwok rollouts-controller kubectl kustomize yq prometheus bash openssl python3
want_part crds
want_modules python yaml

work=$(mktemp -d)
trap 'cluster_stop; [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp "$work"/*.log "$KEEP"; }; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
environment=production
namespace=aethel
status=0
began=$(date +%s)

# One assertion is one row. A step prints what it saw, or what it missed; `row` adds the seconds since the row before.
at=$began
row() { # RESULT WHAT SEEN
  now=$(date +%s)
  printf '| %s | %s | %s | %s |\n' "$2" "$3" "$1" "$((now - at))"
  at=$now
}
ok() { row ok "$1" "$2"; } # WHAT SEEN
failed() {                 # WHAT SEEN
  row '**FAILED**' "$1" "$2"
  status=1
}
expect() { # WHAT COMMAND...: the command prints what it saw, and says by its status whether that is right
  what=$1
  shift
  if seen=$("$@" 2>&1); then
    ok "$what" "$(echo "$seen" | tr '\n' ' ')"
  else
    failed "$what" "$(echo "$seen" | tail -n 20 | tr '\n|' ' /')"
  fi
}
in_time() { # SECONDS COMMAND...: again until it succeeds
  in_time_end=$(($(date +%s) + $1))
  shift
  until "$@" > "$work/tried" 2>&1; do
    if [ "$(date +%s)" -ge "$in_time_end" ]; then
      cat "$work/tried"
      return 1
    fi
    sleep 0.5
  done
  cat "$work/tried"
}
k() { kubectl -n "$namespace" "$@"; }
objects() { # KINDS PYTHON: the objects of the namespace as `everything`, `o(KIND)` by kind; the code calls say(...) and miss(...)
  k get "$1" -o json > "$work/objects.json"
  python3 -c '
import json, re, sys
from collections import Counter
everything = json.load(open(sys.argv[1]))["items"]
missed = []
say = lambda *words: print(*words)
miss = lambda *words: missed.append(" ".join(map(str, words)))
o = lambda kind: [x for x in everything if x["kind"] == kind]
name = lambda x: x["metadata"]["name"]
app = lambda x: x["metadata"].get("labels", {}).get("app.kubernetes.io/name", "-")
ready = lambda p: "deletionTimestamp" not in p["metadata"] and any(
    c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions", []))
condition = lambda x, t: next((c for c in x.get("status", {}).get("conditions", []) if c["type"] == t), {})
argument = sys.argv[3:]
exec(sys.argv[2])
print(*missed, sep="; ")
sys.exit(bool(missed))' "$work/objects.json" "$2" "${3:-}" "${4:-}" "${5:-}"
}

# The tree as a repository has it, with the test's component in the overlay.
tree=$work/tree
mkdir "$tree" "$work/bin"
cp -R "$example/." "$tree"
# shellcheck disable=SC2046 # four words
set -- $(free_ports 4)
prometheus_port=$1 series_port=$2 metrics_port=$3 health_port=$4
cp -R "$tools/kube/test-overlay" "$tree/infra/k8s/test-overlay"
sed -i "s/127\.0\.0\.1:9090/127.0.0.1:$prometheus_port/" "$tree/infra/k8s/test-overlay/kustomization.yaml"
(cd "$tree/infra/k8s/overlays/$environment" && kustomize edit add component ../../test-overlay && kustomize build . > "$work/rendered.yaml")

cluster_start > "$work/versions"
cluster_crds >> "$work/versions"
cluster_controllers 6 >> "$work/versions"
cluster_process argo-rollouts rollouts-controller --kubeconfig="$KUBECONFIG" --leader-elect=false --metricsPort="$metrics_port" \
  --healthzPort="$health_port"

# The generated scrape configuration labels the pods; it then asks series.py instead of them.
cluster_process series python3 "$tools/kube/series.py" "$series_port" "$KUBECONFIG" "$namespace"
python3 - "$tree/infra/monitoring/base/config/prometheus.yml" "$namespace" "$series_port" > "$work/prometheus.yml" << 'PYTHON'
import sys
import yaml
generated, namespace, port = sys.argv[1:]
jobs = []
for job in yaml.safe_load(open(generated))["scrape_configs"]:
    found = job.pop("kubernetes_sd_configs", [])
    if any(d["role"] == "pod" and d.get("namespaces", {}).get("names") == [namespace] for d in found):
        relabel = [{"source_labels": ["__meta_kubernetes_pod_container_image"], "target_label": "__param_image"},
                   {"target_label": "__address__", "replacement": "127.0.0.1:" + port}]
        jobs.append({**job, "http_sd_configs": [{"url": f"http://127.0.0.1:{port}/targets", "refresh_interval": "1s"}],
                     "relabel_configs": job["relabel_configs"] + relabel})
print(yaml.dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}))
PYTHON
cluster_process prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
  --web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn

# No registry and no hosts here: an image whose digest begins with eeee was built elsewhere, and every smoke test passes.
cat > "$work/bin/gh" << 'SCRIPT'
#!/bin/sh
case "$*" in *@sha256:eeee*) exit 1 ;; esac
SCRIPT
printf '#!/bin/sh\n' > "$work/bin/curl"
chmod +x "$work/bin/gh" "$work/bin/curl"
# The namespace of another tree, for its certificate.
kubectl create namespace monitoring > /dev/null

images() { # WEB_DIGIT RUNTIME_DIGIT
  for service in web runtime; do
    digit=$1
    [ "$service" = web ] || digit=$2
    printf '%s=registry.test/%s@sha256:%s\n' "$service" "$service" "$(printf '%064d' 0 | tr 0 "$digit")"
  done
}

# Runs release.sh as rollout.yml does. The digits: of the images that every ready pod of web and of runtime has afterwards, and of those recorded.
running() { # WEB_DIGIT RUNTIME_DIGIT RECORDED_WEB RECORDED_RUNTIME
  objects rollouts.argoproj.io,deployments.apps,pods,configmaps '
digits = lambda text: "".join(sorted(set(re.findall(r"@sha256:(.)", text)))) or "-"
for service, want in zip(("web", "runtime"), argument[0]):
    mine = [p for p in o("Pod") if app(p) == service]
    got = digits(json.dumps([p["spec"]["containers"] for p in mine]))
    if got != want or not all(map(ready, mine)): miss(service, "runs", got, "ready:", [ready(p) for p in mine], "instead of", want)
for r in o("Rollout"):
    if r["status"].get("phase") != "Healthy": miss(name(r), "is", r["status"].get("phase"), r["status"].get("message"))
recorded = next((digits_of for digits_of in [re.findall(r"@sha256:(.)", c["data"]["images"]) for c in o("ConfigMap") if name(c) == "release"]), ["-", "-"])
if "".join(recorded) != argument[1]: miss("recorded is", recorded, "instead of", argument[1])' "$1$2" "$3$4"
}
release() { # WHAT EXIT_STATUS WEB RUNTIME RECORDED_WEB RECORDED_RUNTIME
  release_since=$(date +%s.%N)
  code=0
  (cd "$tree" && PATH=$work/bin:$PATH ATTESTED_BY=owner/repository timeout 200 bash .github/scripts/release.sh "$environment") \
    > "$work/release.log" 2>&1 || code=$?
  problem=
  [ "$code" = "$2" ] || problem="exit status $code instead of $2: $(tail -n 3 "$work/release.log" | tr '\n|' ' /')"
  seen=$(in_time 30 running "$3" "$4" "$5" "$6") || problem="$problem $seen"
  # A release may use more pods, never fewer: those that are ready, at the worst moment.
  floors=$(floor "$release_since" web 3 runtime 2) || problem="$problem; too few ready: $floors"
  if [ -z "$problem" ]; then
    # Why, in the words of the controller or of kubectl, and what was done about it.
    said=$(sed -n 's/^RolloutAborted: //p; s/^error: //p; s/^::error:://p' "$work/release.log" | grep -v '^the release failed' | paste -sd';' | sed 's/;/; /g' | tr '|' /)
    ok "$1" "exit status $code, fewest ready: $(echo "$floors" | paste -sd,)${said:+; $said}"
  else
    failed "$1" "$(echo "$problem" | tr '\n|' ' /')"
  fi
}
floor() { # SINCE [NAME LEAST]...: the fewest ready pods since then
  python3 - "$work/ready-pods.log" "$@" << 'PYTHON'
import sys
since, pairs = float(sys.argv[2]), sys.argv[3:]
bad = False
for name, least in zip(pairs[::2], pairs[1::2]):
    before, after = [], []
    for line in open(sys.argv[1]):
        t, n, ready = line.split()
        if n == name: (before if float(t) < since else after).append(int(ready))
    # The first release begins with none.
    counts = before[-1:] + after
    if not before: counts = [max(counts, default=0)]
    bad |= min(counts) < int(least)
    print(f"{name} {min(counts)}")
sys.exit(bad)
PYTHON
}

echo "$(kubectl version -o json | python3 -c 'import json, sys; print("Kubernetes", json.load(sys.stdin)["serverVersion"]["gitVersion"])'), $(
  sed -n '/ custom\| simulated/p' "$work/versions" | paste -sd, | sed 's/,/, /g'), $(prometheus --version 2>&1 | sed -n '1s/^\(prometheus, version [^ ]*\).*/\1/p')."
echo
echo '| what | seen | result | s |'
echo '|---|---|---|---|'
answers() {
  for address in "$prometheus_port/-/ready" "$series_port/targets" "$health_port/healthz"; do
    python3 -c 'import sys, urllib.request; urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1])' "$address" || return 1
  done
}
if in_time 60 answers > "$work/answers"; then
  ok "control plane, nodes, Argo Rollouts and Prometheus start" "ready"
else
  failed "control plane, nodes, Argo Rollouts and Prometheus start" "$(tail -n 1 "$work/answers")"
  tail -n 5 "$work/prometheus.log" "$work/series.log" "$work/argo-rollouts.log"
  exit 1
fi

IMAGES=$(images 1 1)
export IMAGES
# The watch of pods needs no namespace to begin with.
cluster_process ready-pods python3 "$tools/kube/ready_pods.py" "$KUBECONFIG" "$namespace"
release "first release" 0 1 1 1 1
# Every release would then take its whole time.
k get configmap release > /dev/null 2>&1 || { echo "Nothing was released."; exit 1; }

available() {
  objects rollouts.argoproj.io,deployments.apps,statefulsets.apps,daemonsets.apps '
import subprocess
wanted = set(argument[0].split())
there = {x["kind"] + "/" + name(x) for x in everything}
if wanted - there: miss("absent:", wanted - there)
for x in everything:
    full = x["spec"].get("replicas", 1)
    got = x["status"].get("availableReplicas", 0)
    if got != full or x["status"].get("updatedReplicas", 0) != full: miss(name(x), got, "of", full, "available")
    say(x["kind"], name(x), f"{got}/{full}")' "$(yq -N 'select(.kind == "Rollout" or .kind == "Deployment" or .kind == "StatefulSet" or .kind == "DaemonSet") | .kind + "/" + .metadata.name' "$work/rendered.yaml" | tr '\n' ' ')"
}
expect "every workload is available" in_time 60 available

expect "the migration completes" objects jobs.batch '
jobs = [j for j in o("Job") if j["metadata"]["labels"].get("app.kubernetes.io/component") == "migration"]
if not jobs: miss("no migration")
for j in jobs:
    say(name(j), "Complete" if condition(j, "Complete").get("status") == "True" else "")
    if condition(j, "Complete").get("status") != "True": miss(name(j), "is not complete")'

scaled() {
  objects horizontalpodautoscalers.autoscaling,rollouts.argoproj.io,deployments.apps '
if not o("HorizontalPodAutoscaler"): miss("none")
for h in o("HorizontalPodAutoscaler"):
    target = h["spec"]["scaleTargetRef"]
    x = [x for x in everything if x["kind"] == target["kind"] and name(x) == target["name"]]
    if not x: miss(name(h), "scales nothing"); continue
    replicas, least = x[0]["spec"].get("replicas"), h["spec"]["minReplicas"]
    if condition(h, "AbleToScale").get("status") != "True": miss(name(h), "cannot scale:", condition(h, "AbleToScale").get("message"))
    if replicas != least: miss(name(h), "left", replicas, "instead of", least)
    say(target["kind"], name(h), "at its minimum of", replicas)'
}
expect "each HPA scales its workload" in_time 20 scaled

budgets() {
  objects poddisruptionbudgets.policy,pods '
pdbs = {name(p): p for p in o("PodDisruptionBudget")}
for service in Counter(app(p) for p in o("Pod") if p["metadata"]["ownerReferences"][0]["kind"] != "Job"):
    pods = [p for p in o("Pod") if app(p) == service and ready(p)]
    if len(pods) < 2: continue
    p = pdbs.get(service)
    if not p: miss(service, "has no PDB"); continue
    s = p["status"]
    if (s.get("expectedPods"), s.get("currentHealthy"), s.get("disruptionsAllowed")) != (len(pods), len(pods), 1): miss(service, s)
    say(service, "may lose", s.get("disruptionsAllowed"), "of", s.get("expectedPods"))'
}
expect "each PDB counts the pods of its service" in_time 20 budgets

expect "pods spread over the zones, though one has most of the room" objects pods '
import subprocess
nodes = {name(n): n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in json.loads(subprocess.check_output(["kubectl", "get", "nodes", "-o", "json"]))["items"]}
for service in ("web", "runtime"):
    mine = [p for p in o("Pod") if app(p) == service and ready(p)]
    zones, hosts = Counter(nodes[p["spec"]["nodeName"]] for p in mine), Counter(p["spec"]["nodeName"] for p in mine)
    least = min(zones.values()) if len(zones) == 3 else 0
    if max(zones.values()) - least > 1 or max(hosts.values()) > 1: miss(service, dict(zones), dict(hosts))
    say(service, "in", len(zones), "zones")'

routed() {
  objects services,endpointslices.discovery.k8s.io,pods,rollouts.argoproj.io '
pods = {p["status"].get("podIP"): p for p in o("Pod") if ready(p)}
for s in o("Service"):
    got = Counter(app(pods[a]) for e in o("EndpointSlice") if e["metadata"]["labels"]["kubernetes.io/service-name"] == name(s)
                  for point in e["endpoints"] or [] if point["conditions"]["ready"] for a in point["addresses"])
    ports = [p.get("port") for e in o("EndpointSlice") if e["metadata"]["labels"]["kubernetes.io/service-name"] == name(s) for p in e["ports"] or []]
    for r in o("Rollout"):
        if name(s) == r["spec"]["strategy"]["canary"]["stableService"] and s["spec"]["selector"].get("rollouts-pod-template-hash") != r["status"]["stableRS"]:
            miss(name(s), "does not select the stable version")
    if len(got) != 1 or not all(ports): miss(name(s), "reaches", dict(got), ports)
    else: say(name(s), "reaches", sum(got.values()))'
}
expect "each Service reaches pods" in_time 20 routed

expect "pods run as their service accounts, admitted by Pod Security" objects pods,serviceaccounts '
there = set(map(name, o("ServiceAccount")))
for p in o("Pod"):
    account = p["spec"]["serviceAccountName"]
    if account == "default" or account not in there: miss(name(p), "runs as", account)
    if any("serviceAccountToken" in s for v in p["spec"]["volumes"] for s in v.get("projected", {}).get("sources", [])): miss(name(p), "has a token")
for service, account in sorted({(app(p), p["spec"]["serviceAccountName"]) for p in o("Pod")}): say(service, "as", account)
if len({p["spec"]["serviceAccountName"] for p in o("Pod")}) < 3: miss("too few accounts")'
refused() {
  ! k run bad --image=registry.test/bad > "$work/refused" 2>&1 || { k delete pod bad > /dev/null; echo "a pod without any restriction was admitted"; return 1; }
  grep -o 'violates PodSecurity "restricted:[^"]*"' "$work/refused" || { cat "$work/refused"; return 1; }
}
expect "a pod without restrictions is refused" refused

analysed() { # WEB_DIGIT PHASE [METRIC_THAT_FAILED]: the newest analysis of the Rollout
  objects analysisruns.argoproj.io '
run = max(o("AnalysisRun"), key=lambda r: r["metadata"]["creationTimestamp"])
metrics = {m["name"]: m for m in run["status"]["metricResults"]}
if run["status"]["phase"] != argument[0]: miss("analysis is", run["status"]["phase"], run["status"].get("message"))
if len(metrics) != 3: miss("measured only", list(metrics))
for n, m in metrics.items():
    if m.get("error") or m.get("inconclusive"): miss(n, m.get("message"), [x.get("message") for x in m["measurements"]][-1:])
    if (m["phase"] == "Failed") != (n == argument[1]): miss(n, "is", m["phase"], m["measurements"][-1])
    if n != argument[1] and argument[0] == "Successful" and m.get("successful", 0) < 3: miss(n, "was measured", m.get("count"), "times")
    if n == argument[1] or not argument[1]: say(n, "last", m["measurements"][-1]["value"], "in", m["count"], "measurements;")' "$1" "${2:-}"
}
stepped() {
  # The controller leaves some events out, so the index is followed. Each pause has to be seen, and the end.
  hash=$(k get rollouts.argoproj.io web -o jsonpath='{.status.currentPodHash}')
  k get rollouts.argoproj.io web -o json | yq -p json '.spec.strategy.canary.steps | (to_entries | .[] | select(.value.pause) | .key), length' |
    while read -r step; do grep -qxF "$hash $step" "$work/steps.log" || { echo "step $step was not seen: $(paste -sd, "$work/steps.log")"; exit 1; }; done || return 1
  echo "it stopped at steps $(sed -n "s/^$hash //p" "$work/steps.log" | uniq | paste -sd' ')"
}

cluster_process steps kubectl -n "$namespace" get rollouts.argoproj.io web -w -o 'jsonpath={.status.currentPodHash} {.status.currentStepIndex}{"\n"}'
IMAGES=$(images 2 2)
release "a good release goes through the canary" 0 2 2 2 2
expect "by all of its steps" in_time 10 stepped
expect "its analyses, of the new pods alone" analysed Successful

IMAGES=$(images a 2)
release "a Rollout whose pods never get ready is rolled back" 1 2 2 2 2
IMAGES=$(images 2 a)
release "a Deployment whose pods never get ready is rolled back" 1 2 2 2 2
IMAGES=$(images b 2)
release "an analysis that finds errors aborts, and the release is rolled back" 1 2 2 2 2
expect "by the ratio of errors" analysed Failed error-ratio
IMAGES=$(images 9 2)
release "an analysis that finds slow answers aborts, and the release is rolled back" 1 2 2 2 2
expect "by the ratio of slow answers" analysed Failed slow-ratio
IMAGES=$(images 8 2)
release "a version that Prometheus cannot see is rolled back" 1 2 2 2 2
expect "by the lack of metrics" analysed Failed scraped
IMAGES=$(images c 2)
release "after a failed migration nothing is rolled out" 1 2 2 2 2
IMAGES=$(images e 2)
release "what another workflow built is refused" 1 2 2 2 2

migration() { k get jobs -l app.kubernetes.io/component=migration -o 'jsonpath={.items[*].metadata.uid}'; }
before=$(migration)
# What rollback.yml runs.
IMAGES=''
export MIGRATE=no
release "rollback.yml goes to the release before" 0 1 1 1 1
unset MIGRATE
if [ "$(migration)" = "$before" ]; then ok "and migrates nothing" "the same Job"; else failed "and migrates nothing" "$(migration)"; fi

# The restart of rotate-secrets.sh with the rights that the cluster gives its role.
mkdir "$work/limited"
printf '#!/bin/sh\nexec "%s" --as=rotate --as-group="%s:rotate" "$@"\n' "$(command -v kubectl)" "$namespace" > "$work/limited/kubectl"
chmod +x "$work/limited/kubectl"
restarted() {
  pods_before=$(k get pods -l "app.kubernetes.io/name in (web,runtime)" -o name)
  {
    echo 'set -euo pipefail'
    sed -n '/^restart()/,/^}/p' "$tree/.github/scripts/rotate-secrets.sh"
    echo 'restart "$1" web; restart "$1" runtime'
  } > "$work/restart.sh"
  PATH=$work/limited:$PATH timeout 120 bash "$work/restart.sh" "$namespace" > "$work/restarted" 2>&1 || { tail -n 5 "$work/restarted"; return 1; }
  for pod in $pods_before; do
    # The last one may be ending still.
    ! k get "$pod" -o 'jsonpath={.metadata.deletionTimestamp}/' 2> /dev/null | grep -qx / || { echo "$pod runs on"; return 1; }
  done
  in_time 20 ready_now 3 2 > /dev/null || { ready_now 3 2; return 1; }
  floor "$since" web 2 runtime 2
}
allowed_no_more() {
  for forbidden in "get secrets" "create pods" "delete rollouts.argoproj.io" "patch roles.rbac.authorization.k8s.io" "create pods/exec"; do
    # shellcheck disable=SC2086 # two words
    ! "$work/limited/kubectl" -n "$namespace" auth can-i $forbidden > /dev/null || { echo "may $forbidden"; return 1; }
  done
  ! "$work/limited/kubectl" -n kube-system auth can-i patch deployments.apps > /dev/null || { echo "reaches other namespaces"; return 1; }
  echo "no secret, no other pod, no other namespace"
}

drain() { timeout 100 kubectl drain "$@" --ignore-daemonsets --delete-emptydir-data; }
ready_now() { # WEB RUNTIME
  objects pods 'counts = Counter(app(p) for p in o("Pod") if ready(p))
say(counts["web"], counts["runtime"])
if [str(counts["web"]), str(counts["runtime"])] != argument[:2]: miss("ready: web", counts["web"], "runtime", counts["runtime"])' "$1" "$2"
}
nodes_of() { k get pods -l "app.kubernetes.io/name in (web,runtime)" -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | paste -sd' '; }
drains() {
  # Five of six nodes, so that everything gets to the sixth.
  drain node-1 node-2 node-3 node-4 node-5 > "$work/drain" 2>&1 || { tail -n 3 "$work/drain"; return 1; }
  in_time 20 ready_now 3 2 > /dev/null || { ready_now 3 2; return 1; }
  [ "$(nodes_of)" = node-6 ] || { echo "pods are left on $(nodes_of)"; return 1; }
  floor "$since" web 2 runtime 1
}
blocked() {
  ! timeout 60 kubectl drain node-6 --ignore-daemonsets --delete-emptydir-data --timeout=7s > "$work/drain" 2>&1 || {
    echo "the drain was not held up"
    return 1
  }
  grep -q "would violate the pod's disruption budget" "$work/drain" || { tail -n 3 "$work/drain"; return 1; }
  in_time 5 ready_now 2 1 > /dev/null || { ready_now 2 1; return 1; }
  echo "$(grep -c "would violate the pod's disruption budget" "$work/drain") evictions refused; ready stay web 2, runtime 1"
}
unblocked() {
  kubectl uncordon node-1 node-2 node-3 node-4 node-5 > /dev/null
  drain node-6 > "$work/drain" 2>&1 || { tail -n 3 "$work/drain"; return 1; }
  in_time 20 ready_now 3 2 > /dev/null || { ready_now 3 2; return 1; }
  case " $(nodes_of) " in *" node-6 "*) echo "pods are left on node-6"; return 1 ;; esac
  floor "$since" web 2 runtime 1
}
since=$(date +%s.%N)
expect "rotation restarts both services with its own rights; fewest that were ready" restarted
expect "and may do nothing else" allowed_no_more
since=$(date +%s.%N)
expect "five nodes are drained; fewest that were ready" drains
expect "without room for replacements the drain of the last is held up" blocked
expect "with room it ends; fewest that were ready since the first drain" unblocked
kubectl uncordon node-6 > /dev/null

started() {
  count=0
  for cronjob in $(k get cronjobs -o jsonpath='{.items[*].metadata.name}'); do
    k create job --from="cronjob/$cronjob" "$cronjob-now" > /dev/null
    k wait --for=condition=Complete --timeout=40s "job/$cronjob-now" > "$work/waited" 2>&1 || {
      cat "$work/waited"
      k describe pods -l "job-name=$cronjob-now" | sed -n '/^Events/,$p' | tail -n 3
      return 1
    }
    phases=$(k get pods -l "job-name=$cronjob-now" -o jsonpath='{.items[*].status.phase}')
    [ "$phases" = Succeeded ] || { echo "$cronjob: pods are $phases"; return 1; }
    count=$((count + 1))
    echo "$cronjob"
  done
  [ "$count" = "$(yq -N 'select(.kind == "CronJob") | .metadata.name' "$work/rendered.yaml" | wc -l)" ] || { echo "of others no CronJob"; return 1; }
}
expect "\`kubectl create job --from=cronjob/...\` runs each Job to its end" started

echo
echo "$(($(date +%s) - began)) s in all."
[ "$status" -eq 0 ] || echo "The generated objects do not do all of that."
exit "$status"
