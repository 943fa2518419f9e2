#!/bin/sh
# manifests.sh RENDERED: kustomize builds each overlay, and references in it are answered.
# kit: kubectl python
set -eu
rendered=$1
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
want kubectl
want_modules python yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for overlay in "$rendered"/infra/monitoring/overlays/*; do
    name=$(basename "$overlay")
    kubectl kustomize "$overlay" >"$work/$name.yaml" 2>"$work/log" || { cat "$work/log"; status=1; }
    if [ -s "$work/log" ]; then
        # A deprecation is a warning on standard error and an error here.
        cat "$work/log"
        status=1
    fi
done
# What no schema says: each reference to a ConfigMap or Secret is answered, each container is as strict as restricted Pod Security wants.
python3 - "$work" "$rendered" <<'P' || status=1
import glob, sys, yaml
work, rendered = sys.argv[1:]
errors = []
for file in sorted(glob.glob(work + "/*.yaml")):
    overlay, documents = file.rsplit("/", 1)[1], [d for d in yaml.safe_load_all(open(file)) if d]
    names = {(d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"]): d for d in documents}
    if len(names) != len(documents):
        errors.append(f"{overlay}: an object stands twice")
    secrets = {}
    for d in documents:
        if d["kind"] == "ExternalSecret":
            target = (d["metadata"]["namespace"], d["spec"]["target"]["name"])
            for item in d["spec"]["data"]:
                if item["secretKey"] in secrets.setdefault(target, []):
                    errors.append(f"{overlay}: two producers of {target[1]}.{item['secretKey']}")
                secrets[target].append(item["secretKey"])
    def has(kind, namespace, name, key, where):
        if kind == "Secret":
            keys = secrets.get((namespace, name))
        else:
            found = names.get((kind, namespace, name))
            keys = found and list(found.get("data", {}))
        if keys is None or key and key not in keys:
            errors.append(f"{overlay}: {where} wants {kind} {namespace}/{name}{' key ' + key if key else ''}")
    images = 0
    for d in documents:
        template = d.get("spec", {}).get("template")
        if not template:
            continue
        namespace, where, pod = d["metadata"]["namespace"], d["kind"] + " " + d["metadata"]["name"], template["spec"]
        for volume in pod.get("volumes", []):
            if "configMap" in volume: has("ConfigMap", namespace, volume["configMap"]["name"], None, where)
            if "secret" in volume: has("Secret", namespace, volume["secret"]["secretName"], None, where)
        for container in pod["containers"]:
            images += 1
            if container["image"].count(":") != 1 or container["image"].endswith((":", ":latest")):
                errors.append(f"{overlay}: {where} has image {container['image']}")
            for source in container.get("envFrom", []):
                has("ConfigMap", namespace, source["configMapRef"]["name"], None, where)
            for variable in container.get("env", []):
                source = variable.get("valueFrom", {})
                if "configMapKeyRef" in source: has("ConfigMap", namespace, source["configMapKeyRef"]["name"], source["configMapKeyRef"]["key"], where)
                if "secretKeyRef" in source: has("Secret", namespace, source["secretKeyRef"]["name"], source["secretKeyRef"]["key"], where)
            context = container["securityContext"]
            if context["allowPrivilegeEscalation"] or not context["readOnlyRootFilesystem"] or context["capabilities"] != {"drop": ["ALL"]}:
                errors.append(f"{overlay}: {where} is less strict than it should be")
            if not container["resources"].get("requests") or "memory" not in container["resources"].get("limits", {}):
                errors.append(f"{overlay}: {where} has no requests or no limit of memory")
        if namespace == "monitoring":
            if not pod["securityContext"].get("runAsNonRoot") or pod["securityContext"]["seccompProfile"] != {"type": "RuntimeDefault"}:
                errors.append(f"{overlay}: {where} is not what restricted allows")
            if any("hostPath" in volume for volume in pod.get("volumes", [])) or pod.get("hostNetwork"):
                errors.append(f"{overlay}: {where} wants the host")
    print(f"{overlay}: {len(documents)} objects, {images} containers")
print("\n".join(errors), end="\n" if errors else "")
sys.exit(1 if errors else 0)
P
exit $status
