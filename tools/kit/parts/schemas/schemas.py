"""Schemas that kubeconform can load: schemas.py KUBERNETES_VALIDATE_FOLDER OUT CRD_FILE...

Of Kubernetes itself for the oldest and the newest supported version, from the package kubernetes-validate: its `$defs` and absolute ids
make kubeconform say "could not find schema". Of custom resources from their CRDs, closed where a CRD names the properties.
"""
import glob
import json
import os
import sys

import yaml

VERSIONS = ("1.35", "1.37")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def kubernetes(source, out):
    os.makedirs(out)
    for path in glob.glob(source + "/*.json"):
        text = open(path).read().replace("/api/_definitions.json", "_definitions.json").replace("#/$defs/", "#/definitions/")
        schema = json.loads(text)
        schema.pop("$id", None)
        schema.pop("$schema", None)
        if "$defs" in schema:
            schema["definitions"] = schema.pop("$defs")
        with open(os.path.join(out, os.path.basename(path)), "w") as file:
            json.dump(schema, file)


def close(schema):
    if isinstance(schema, list):
        for entry in schema:
            close(entry)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema:
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("type", None)
        schema.pop("anyOf", None)
        schema["oneOf"] = [{"type": "string"}, {"type": "integer"}]
    for value in schema.values():
        close(value)


def custom(paths, out):
    for path in paths:
        for crd in yaml.load_all(open(path), Loader=LOADER):
            if not crd or crd.get("kind") != "CustomResourceDefinition":
                continue
            folder = os.path.join(out, crd["spec"]["group"])
            os.makedirs(folder, exist_ok=True)
            for version in crd["spec"]["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                close(schema)
                properties = schema.setdefault("properties", {})
                properties.setdefault("apiVersion", {"type": "string"})
                properties.setdefault("kind", {"type": "string"})
                properties["metadata"] = {"type": "object"}
                name = f"{crd['spec']['names']['kind'].lower()}_{version['name']}.json"
                with open(os.path.join(folder, name), "w") as file:
                    json.dump(schema, file)


if __name__ == "__main__":
    source, out, *crds = sys.argv[1:]
    for version in VERSIONS:
        kubernetes(f"{source}/v{version}.0-local-strict", f"{out}/kubernetes-{version}")
    custom(crds, f"{out}/crds")
