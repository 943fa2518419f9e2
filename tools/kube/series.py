#!/usr/bin/env python3
"""What a real Prometheus needs of a cluster whose pods are simulated: series.py PORT KUBECONFIG NAMESPACE.

/targets lists the pods as Prometheus' own discovery of Kubernetes does (Debian's is built without it), with the labels that the generated
relabelling reads. Any other path with ?image=IMAGE is a made-up service: two hundred requests a second, all of them quick and right, but of
an image whose digest begins with
  bbbb   one in twenty fails
  9999   one in four is slow
  8888   nothing answers, so that Prometheus sees the pod and no metrics
The readiness probe fails always: what the analysis counts must not count it."""
import http.server
import json
import re
import ssl
import sys
import time
import urllib.parse
import urllib.request

import yaml

START = time.time()
PORT, KUBECONFIG, NAMESPACE = int(sys.argv[1]), yaml.safe_load(open(sys.argv[2])), sys.argv[3]


def targets():
    request = urllib.request.Request(f"{KUBECONFIG['clusters'][0]['cluster']['server']}/api/v1/namespaces/{NAMESPACE}/pods",
                                     headers={"Authorization": "Bearer " + KUBECONFIG["users"][0]["user"]["token"]})
    found = []
    for pod in json.load(urllib.request.urlopen(request, context=ssl._create_unverified_context()))["items"]:
        meta, status = pod["metadata"], pod["status"]
        for container in pod["spec"]["containers"]:
            labels = {"namespace": NAMESPACE, "pod_name": meta["name"], "pod_ip": status.get("podIP", ""), "pod_phase": status.get("phase", ""),
                      "pod_node_name": pod["spec"].get("nodeName", ""), "pod_container_name": container["name"],
                      "pod_container_image": container["image"]}
            for owner in meta.get("ownerReferences", []):
                labels.update(pod_controller_kind=owner["kind"], pod_controller_name=owner["name"])
            for key, value in meta.get("labels", {}).items():
                labels["pod_label_" + re.sub("[^a-zA-Z0-9_]", "_", key)] = value
            found.append({"targets": [status.get("podIP", "none")], "labels": {"__meta_kubernetes_" + k: v for k, v in labels.items()}})
    return json.dumps(found).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/targets":
            return self.answer(200, "application/json", targets())
        image = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("image", [""])[0]
        digest = image.rpartition("@sha256:")[2][:4]
        requests = 200 * (time.time() - START)
        failed = requests / 20 if digest == "bbbb" else 0
        slow = requests / 4 if digest == "9999" else 0
        page = 'method="GET",route="/page"'
        probe = 'method="GET",route="/api/health/ready"'
        text = f"""# TYPE http_requests_total counter
http_requests_total{{{page},status="200"}} {requests - failed}
http_requests_total{{{page},status="500"}} {failed}
http_requests_total{{{probe},status="503"}} {requests}
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{{{page},le="0.5"}} {requests - slow}
http_request_duration_seconds_bucket{{{page},le="+Inf"}} {requests}
http_request_duration_seconds_sum{{{page}}} {requests}
http_request_duration_seconds_count{{{page}}} {requests}
http_request_duration_seconds_bucket{{{probe},le="0.5"}} 0
http_request_duration_seconds_bucket{{{probe},le="+Inf"}} {requests}
http_request_duration_seconds_sum{{{probe}}} {requests}
http_request_duration_seconds_count{{{probe}}} {requests}
""".encode()
        return self.answer(500 if digest == "8888" else 200, "text/plain; version=0.0.4", text)

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
