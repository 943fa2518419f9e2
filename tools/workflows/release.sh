#!/bin/sh
# Rehearses the generated .github/scripts/release.sh: tools/workflows/release.sh FOLDER, the folder being a rendered tree with infra/.
# kustomize and yq are real; kubectl, curl and gh are stand-ins that keep what was applied in a folder. A digest of only 1s or 2s is a good
# image; of only a's never gets healthy, of b's is aborted by its analysis, of c's has a migration that fails, of d's fails the smoke test, of
# e's was built elsewhere. What has a revisionHistoryLimit of 4 never gets healthy either: a bad configuration.
# kit: kustomize yq python
set -u

folder=$(cd "${1:?usage: release.sh FOLDER}" && pwd)
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
want kustomize yq python3 bash
want_modules python yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
export STATE="$work/state" PATH="$work/bin:$PATH"

cat >"$work/bin/kubectl" <<'END'
#!/usr/bin/env python3
import fcntl, json, os, re, sys
import yaml
state = os.environ["STATE"]
arguments = [a for a in sys.argv[1:]]
if arguments[:1] == ["-n"]: arguments = arguments[2:]
line = " ".join(arguments)
piped = sys.stdin.read() if line.endswith("-f -") else None
# Two stand at the ends of a pipe at a time.
lock = open(state + ".lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
s = json.load(open(state)) if os.path.exists(state) else {"objects": {}, "release": {}, "log": []}
def save(): json.dump(s, open(state, "w"))
def digest(o): return "a" if o["spec"].get("revisionHistoryLimit") == 4 else re.search(r"@sha256:(.)", json.dumps(o)).group(1)
s["log"].append(line); save()
if line.startswith("get configmap release"):
    print(s["release"].get(re.search(r"\.data\.(\w+)", line).group(1), ""), end="")
elif line.startswith("create configmap release"):
    values = dict(a[len("--from-literal="):].split("=", 1) for a in arguments if a.startswith("--from-literal="))
    files = dict(a[len("--from-file="):].split("=", 1) for a in arguments if a.startswith("--from-file="))
    values.update((key, open(file).read()) for key, file in files.items())
    print(yaml.safe_dump({"kind": "ConfigMap", "metadata": {"name": "release"}, "data": values}))
elif arguments[0] == "apply":
    text = open(arguments[-1]).read() if piped is None else piped
    for o in yaml.safe_load_all(text):
        if o is None: continue
        if o["kind"] == "ConfigMap" and o["metadata"]["name"] == "release": s["release"] = o["data"]
        else: s["objects"][o["kind"] + "/" + o["metadata"]["name"]] = o
        s["log"].append("applied " + o["kind"] + "/" + o["metadata"]["name"])
    save()
elif line.startswith("delete job"):
    for k in [k for k in s["objects"] if k.startswith("Job/")]: del s["objects"][k]
    save()
elif line.startswith("get job -l"):
    print(" ".join(k[4:] for k in s["objects"] if k.startswith("Job/")), end="")
elif line.startswith("get job"):
    print("Failed" if digest(s["objects"]["Job/" + arguments[2]]) == "c" else "SuccessCriteriaMet Complete", end="")
elif line.startswith("get rollouts.argoproj.io"):
    d = digest(s["objects"]["Rollout/" + arguments[2]])
    if ".status.message" in line: print("RolloutAborted: metric \"http-success\" assessed Failed")
    else: print({"a": "2|2|Degraded|", "b": "2|2|Degraded|true"}.get(d, "2|2|Healthy|"))
elif line.startswith("rollout status"):
    sys.exit(digest(s["objects"]["Deployment/" + arguments[2].split("/")[1]]) in "ab")
elif arguments[0] in ("logs", "wait"): print("(%s)" % arguments[0])
else: sys.exit("the stand-in of kubectl does not know: " + line)
END
cat >"$work/bin/curl" <<'END'
#!/usr/bin/env python3
import json, os, sys
text = json.dumps(json.load(open(os.environ["STATE"]))["objects"])
sys.exit(22 if "@sha256:" + "d" * 64 in text else 0)
END
cat >"$work/bin/gh" <<'END'
#!/bin/sh
case "$*" in *@sha256:eeee*) exit 1 ;; esac
END
chmod +x "$work"/bin/*

cp -R "$folder" "$work/tree"
cd "$work/tree" || exit 2
environment=$(basename "$(find infra/k8s/overlays -mindepth 1 -maxdepth 1 -type d ! -name local | sort | head -n 1)")
services=$(sed -n '/^workloads()/,/^}/s/^[a-z.]* \([a-z0-9-]*\)$/\1/p' .github/scripts/release.sh | grep -v '^END$')
images() { # DIGIT
  for service in $services; do
    printf '%s=registry.test/%s@sha256:%s\n' "$service" "$service" "$(printf '%064d' 0 | tr 0 "$1")"
  done
}
status=0
expect() { # WHAT EXIT_STATUS DIGIT_THAT_RUNS DIGIT_RECORDED
  what=$1 wanted=$2 runs=$3 recorded=$4
  code=0
  ATTESTED_BY=owner/repository .github/scripts/release.sh "$environment" >"$work/log" 2>&1 || code=$?
  got=$(python3 - <<'END'
import json, os, re
s = json.load(open(os.environ["STATE"]))
work = [o for o in s["objects"].values() if o["kind"] in ("Rollout", "Deployment") and "registry.test/" in json.dumps(o)]
runs = {re.search(r"@sha256:(.)", json.dumps(o)).group(1) for o in work}
good = set(re.findall(r"@sha256:(.)", s["release"].get("images", "")))
print("".join(sorted(runs)) or "-", "".join(sorted(good)) or "-")
END
)
  if [ "$code $got" = "$wanted $runs $recorded" ]; then
    echo "ok: $what"
  else
    echo "$what: exit status, what runs, what is recorded: $code $got instead of $wanted $runs $recorded" >&2
    cat "$work/log" >&2
    status=1
  fi
}

IMAGES=$(images a) && export IMAGES
expect "a first release that fails has nothing to go back to" 1 a -
rm "$STATE"
IMAGES=$(images 1) expect "a first release" 0 1 1
IMAGES=$(images 2) expect "a second release" 0 2 2
cp "$STATE" "$work/second"
IMAGES=$(images a) expect "pods that never get healthy are rolled back" 1 2 2
IMAGES=$(images b) expect "an aborted analysis is rolled back" 1 2 2
IMAGES=$(images d) expect "a failed smoke test is rolled back" 1 2 2
if [ -n "$(find infra/k8s/base -name 'migration*')" ]; then
  IMAGES=$(images c) expect "after a failed migration nothing is rolled out" 1 2 2
fi
# The same images with another configuration: it is put back as well.
limits() {
  python3 -c '
import json, os
print(*sorted({str(o["spec"]["revisionHistoryLimit"]) for o in json.load(open(os.environ["STATE"]))["objects"].values()
               if o["kind"] in ("Rollout", "Deployment") and "registry.test/" in json.dumps(o)}))'
}
sed -i 's/^  revisionHistoryLimit: 5$/  revisionHistoryLimit: 4/' infra/k8s/base/deployment-*.yaml
IMAGES=$(images 2) expect "a bad configuration is rolled back" 1 2 2
[ "$(limits)" = 5 ] || { echo "the bad configuration stays: $(limits)" >&2; status=1; }
sed -i 's/^  revisionHistoryLimit: 4$/  revisionHistoryLimit: 5/' infra/k8s/base/deployment-*.yaml
# As GitHub hands them on, with a blank line: a second run is no second release.
IMAGES="$(images 2)
" expect "the same release again" 0 2 2
IMAGES=$(images e) expect "what another workflow built is refused" 1 2 2
IMAGES='web=registry.test/web:latest' expect "a tag is refused" 1 2 2
# What rollback.yml runs.
jobs() { grep -o 'applied Job/' "$STATE" | wc -l; }
before=$(jobs)
# Main has gone on, to what does not work.
sed -i 's/^  revisionHistoryLimit: 5$/  revisionHistoryLimit: 4/' infra/k8s/base/deployment-*.yaml
IMAGES='' MIGRATE=no expect "a rollback goes to the release before" 0 1 1
IMAGES='' MIGRATE=no expect "and back" 0 2 2
[ "$(limits)" = 5 ] || { echo "a rollback takes main's configuration: $(limits)" >&2; status=1; }
[ "$(jobs)" = "$before" ] || { echo "a rollback migrates" >&2; status=1; }
# In the second release: configuration, then the migration, then the workloads.
python3 - "$work/second" <<'END' || status=1
import json, sys
kinds = [l.split()[1].split("/")[0] for l in json.load(open(sys.argv[1]))["log"] if l.startswith("applied ") and l != "applied ConfigMap/release"]
last = len(kinds) - kinds[::-1].index("Namespace") - 1 if "Namespace" in kinds else 0
first = kinds[last:]
works = [i for i, k in enumerate(first) if k in ("Rollout", "Deployment")]
rest = [i for i, k in enumerate(first) if k not in ("Rollout", "Deployment", "StatefulSet", "DaemonSet")]
if works and max(rest) > min(works): sys.exit("workloads are applied before " + first[max(rest)])
if "Job" in first and first.index("Job") != max(rest): sys.exit("the migration is not the last before the workloads")
END
exit "$status"
