#!/bin/sh
# deliver.sh RENDERED: a real Alertmanager with the rendered configuration gets one alert of each severity and environment, and real HTTP receivers on loopback
# get what routes.tsv says. Mail is not delivered here.
# kit: alertmanager python
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
rendered=$1
want alertmanager python3
want_modules python yaml
exec python3 - "$rendered" alertmanager <<'P'
import http.server, json, os, socket, subprocess, sys, tempfile, threading, time, urllib.request, yaml
rendered, program = sys.argv[1:]
got = []

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        got.append((self.path, body))
        self.send_response(200), self.end_headers(), self.wfile.write(b"ok")
    def log_message(self, *_): pass

receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as work, socket.create_server(("127.0.0.1", 0)) as held:
    port = held.getsockname()[1]
    held.close()
    text = open(rendered + "/infra/monitoring/base/config/alertmanager.yml").read().replace("/etc/alertmanager/secrets", work)
    for secret in ("pager-url", "slack-webhook", "heartbeat-url"):
        open(f"{work}/{secret}", "w").write(f"http://127.0.0.1:{receiver.server_port}/{secret}")
    open(work + "/smtp-password", "w").write("x")
    config = yaml.safe_load(text)
    mail = sum(len(r.pop("email_configs", [])) for r in config["receivers"])
    for route in [config["route"], *config["route"]["routes"]]:
        route["group_wait"] = "0s"
    yaml.safe_dump(config, open(work + "/alertmanager.yml", "w"))
    log = open(work + "/log", "w")
    process = subprocess.Popen([program, f"--config.file={work}/alertmanager.yml", f"--storage.path={work}/data", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], stdout=log, stderr=log)
    try:
        for _ in range(50):
            time.sleep(0.2)
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready").status == 200: break
            except OSError: pass
        alerts = [("Watchdog", "none", "production"), ("PagesInProduction", "page", "production"), ("PagesInStaging", "page", "staging"), ("Ticket", "ticket", "production")]
        body = [{"labels": {"alertname": n, "severity": s, "environment": e}, "annotations": {"summary": "s " + n, "description": "d", "runbook_url": "https://example.test/" + n}} for n, s, e in alerts]
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps(body).encode(), {"Content-Type": "application/json"}))
        time.sleep(4)
    finally:
        process.terminate(), process.wait()
    receivers = {r["name"]: r for r in config["receivers"]}
    wanted = set()
    where = {"Watchdog": "heartbeat" if "heartbeat" in receivers else "nobody", "PagesInProduction": "page", "PagesInStaging": "ticket", "Ticket": "ticket"}
    for name, r in where.items():
        for kind, path in (("webhook_configs", "/heartbeat-url" if r == "heartbeat" else "/pager-url"), ("slack_configs", "/slack-webhook")):
            if receivers[r].get(kind): wanted.add((path, name))
    seen = {(path, name) for path, payload in got for name in where if name in json.dumps(payload)}
    for missing in sorted(wanted - seen): print("not delivered:", *missing)
    for extra in sorted(seen - wanted): print("delivered and not wanted:", *extra)
    for path, payload in got:
        if "<no value>" in json.dumps(payload): print("template:", path, payload)
    print(f"{len(seen)} of {len(wanted)} deliveries over HTTP: {' '.join(sorted(p[1:] + '<-' + n for p, n in seen)) or 'none'}; {mail} receivers by mail left out")
    if seen != wanted:
        print(open(work + "/log").read()[-2000:])
        sys.exit(1)
P
