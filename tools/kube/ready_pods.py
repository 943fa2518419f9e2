#!/usr/bin/env python3
"""Follows the pods of a namespace and writes a line whenever the number of ready ones changes: ready_pods.py KUBECONFIG NAMESPACE >> FILE,
"TIME NAME READY", where NAME is the label app.kubernetes.io/name. A pod that is being deleted is not ready."""
import json
import ssl
import sys
import time
import urllib.request

import yaml

config = yaml.safe_load(open(sys.argv[1]))
server = config["clusters"][0]["cluster"]["server"]
token = config["users"][0]["user"]["token"]
context = ssl._create_unverified_context()
pods, last = {}, {}


def ask(query):
    request = urllib.request.Request(f"{server}/api/v1/namespaces/{sys.argv[2]}/pods?{query}", headers={"Authorization": f"Bearer {token}"})
    return urllib.request.urlopen(request, context=context)


def take(kind, pod):
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))
    key = pod["metadata"]["name"]
    pods[key] = (pod["metadata"].get("labels", {}).get("app.kubernetes.io/name", "-"),
                 ready and kind != "DELETED" and "deletionTimestamp" not in pod["metadata"])


def tell():
    counts = dict.fromkeys(last, 0)
    for name, ready in pods.values():
        counts[name] = counts.get(name, 0) + ready
    for name, count in counts.items():
        if last.get(name) != count:
            last[name] = count
            print(f"{time.time():.3f} {name} {count}", flush=True)


listed = json.load(ask("limit=0"))
for pod in listed["items"]:
    take("ADDED", pod)
tell()
for line in ask(f"watch=true&resourceVersion={listed['metadata']['resourceVersion']}"):
    event = json.loads(line)
    if event["type"] in ("ADDED", "MODIFIED", "DELETED"):
        take(event["type"], event["object"])
        tell()
