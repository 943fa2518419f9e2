"""prometheus.py RENDERED: the generated alerts of backups over a real aetheld, by a real Prometheus and Alertmanager. Rules and routes are the
generated ones, in which one factor shortens every duration: a day is 7.2 seconds, an hour 0.3. Nothing else of them is changed."""

import http.client
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import yaml

from servers import Aetheld, Cases, Failed, Scratch, contains, equal, run
from serving import Serving, call, ended, free_ports, new_token

FASTER = 12_000
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DURATION = r"(\d+)(ms|s|m|h|d|w)"
cases = Cases()


def shorter(number, unit):
    return f"{max(1, round(int(number) * UNITS[unit] / FASTER * 1000))}ms"


def shorten(rules):
    """All durations of the rules, wherever PromQL and the rules themselves have one; how many there were."""
    count = 0
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["expr"], ranges = re.subn(rf"(\[|offset ){DURATION}", lambda found: found[1] + shorter(found[2], found[3]), rule["expr"])
            rule["expr"], products = re.subn(r"(\d+) \* (3600|86400)\b", lambda found: f"{int(found[1]) * int(found[2]) / FASTER:.3f}", rule["expr"])
            count += ranges + products
            if "for" in rule:
                rule["for"] = shorter(*re.fullmatch(DURATION, rule["for"]).groups())
                count += 1
            if re.search(r"\d(?:[hdw]\b|000)|3600|86400", rule["expr"]):
                raise Failed(f"a duration is left in {rule['expr']}")
    return count


class Receiver:
    """Remembers the alerts that it is told of."""

    def __init__(self):
        self.heard = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def states(self, name):
        """What the pager was told of an alert."""
        return {each["status"] for path, body in self.heard if path == "/pager-url" for each in body["alerts"] if each["labels"]["alertname"] == name}


class Between:
    """Stands between Prometheus and aetheld: remembers which format is answered, and may ask for none."""

    def __init__(self, port, negotiates):
        self.formats = set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                headers = {"Accept": self.headers["Accept"]} if negotiates else {}
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    connection.request("GET", self.path, headers=headers)
                    answer = connection.getresponse()
                    body = answer.read()
                except OSError:
                    self.send_error(502)
                    return
                outer.formats.add(answer.headers["Content-Type"])
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Watching:
    """Prometheus and Alertmanager with what is generated for them."""

    def __init__(self, rendered, folder, metrics_port):
        self.folder = folder
        self.receiver = Receiver()
        self.openmetrics, self.text = Between(metrics_port, True), Between(metrics_port, False)
        self.port, self.alertmanager_port = free_ports(2)
        monitoring = rendered / "infra/monitoring"
        rules = yaml.safe_load((monitoring / "rules/backups.yaml").read_text())
        self.durations = shorten(rules)
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
        run(["promtool", "check", "rules", folder / "rules.yaml"])
        config = yaml.safe_load((monitoring / "base/config/prometheus.yml").read_text())
        job = next(each for each in config["scrape_configs"] if each["job_name"] == "aetheld")
        # Pods are found by Kubernetes, which is not here.
        job = {key: value for key, value in job.items() if key not in ("kubernetes_sd_configs", "relabel_configs")}
        config["scrape_configs"] = [{**job, "job_name": name, "static_configs": [{"targets": [each.address]}]}
                                    for name, each in (("aetheld", self.openmetrics), ("text", self.text))]
        config["global"].update(scrape_interval="500ms", scrape_timeout="500ms", evaluation_interval="500ms")
        config["rule_files"] = [str(folder / "rules.yaml")]
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{self.alertmanager_port}"]}]}]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        text = (monitoring / "base/config/alertmanager.yml").read_text().replace("/etc/alertmanager/secrets", str(folder))
        for secret in ("pager-url", "slack-webhook", "heartbeat-url"):
            (folder / secret).write_text(f"http://127.0.0.1:{self.receiver.server.server_port}/{secret}")
        routes = yaml.safe_load(text)
        for route in [routes["route"], *routes["route"]["routes"]]:
            for key in ("group_wait", "group_interval", "repeat_interval"):
                if key in route:
                    route[key] = shorter(*re.fullmatch(DURATION, route[key]).groups())
        for each in routes["receivers"]:
            each.pop("email_configs", None)  # no mail from here
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(routes))
        environment = {**os.environ, "CLUSTER": "here", "ENVIRONMENT": "production"}
        self.processes = [
            subprocess.Popen(command, env=environment, stdout=log, stderr=log) for command, log in (
                (["alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alertmanager",
                  f"--web.listen-address=127.0.0.1:{self.alertmanager_port}", "--cluster.listen-address="], open(folder / "alertmanager.log", "w")),
                (["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                  f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=expand-external-labels"], open(folder / "prometheus.log", "w")))]

    def stop(self):
        for each in self.processes:
            each.kill()
            each.wait()

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=5) as answer:
            return json.load(answer)["data"]

    def firing(self):
        return {each["labels"]["alertname"] for each in self.ask("alerts")["alerts"] if each["state"] == "firing"}

    def until(self, name, fires, limit):
        begin = time.monotonic()
        while True:
            try:
                firing = self.firing()
                if (name in firing) == fires:
                    break
            except OSError:
                firing = {"Prometheus does not answer"}
            if time.monotonic() - begin > limit:
                raise Failed(f"{name} {'does not fire' if fires else 'does not resolve'} in {limit} s; firing: {sorted(firing)}\n"
                             + (self.folder / "prometheus.log").read_text()[-1000:])
            time.sleep(0.1)
        print(f"        {name} {'fires' if fires else 'resolved'} after {time.monotonic() - begin:.1f} s", flush=True)

    def told(self, condition, who):
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > 10:
                raise Failed(f"nobody told {who}\n" + (self.folder / "alertmanager.log").read_text()[-1000:])
            time.sleep(0.1)

    def series(self, job):
        found = self.ask(f"query?query={{job=%22{job}%22,__name__=~%22aethel_.*%22}}")["result"]
        return {json.dumps({key: value for key, value in each["metric"].items() if key not in ("job", "instance")}, sort_keys=True): each["value"][1]
                for each in found}


def alerts(scratch, rendered):
    server = scratch.server(18)
    server.create("app")
    server.psql("app", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "app")
    aetheld.config.write_text(aetheld.config.read_text() + "    schedule: never\n  schedule: never\n")
    token = new_token(aetheld, "test", "read,run")
    serving = Serving(aetheld, f"serve:\n  port: {{port}}\n  metrics_port: {{metrics_port}}\n  drain: 0s\n  tokens: {aetheld.folder}/tokens\n")
    watching = Watching(rendered, scratch.folder, serving.metrics_port)

    def backup():
        made = ended(serving, token, call(serving, "POST", "/api/backup", token))
        equal(made["state"], "succeeded", made)
        return made["result"]["backup"]

    def drill(backup, state):
        done = ended(serving, token, call(serving, "POST", f"/api/backup/{backup}/drill", token))
        equal(done["state"], state, done)

    try:
        equal(watching.durations >= 10, True, f"{watching.durations} durations of rules")
        # It never ran; a run ends that. Nobody makes the next one: two in a row are missing, until there is one.
        watching.until("BackupNeverRan", True, 30)
        backup()
        watching.until("BackupNeverRan", False, 10)
        watching.until("BackupStopped", True, 15)
        newest = backup()
        watching.until("BackupStopped", False, 3.5)  # within the 13 hours after which it would fire again

        # Both formats, by Prometheus and by its own linter, say the same.
        contains(str(watching.openmetrics.formats), "application/openmetrics-text")
        contains(str(watching.text.formats), "text/plain")
        time.sleep(1)
        by_openmetrics, by_text = watching.series("aetheld"), watching.series("text")
        equal(by_openmetrics, by_text, "OpenMetrics and text")
        equal(by_text['{"__name__": "aethel_backup_runs_total", "result": "success", "store": "main"}'], "2")
        linted = subprocess.run(["promtool", "check", "metrics"], input=serving.get("/metrics", serving.metrics_port)[1], capture_output=True, text=True)
        equal((linted.returncode, linted.stderr), (0, ""), "promtool check metrics")

        # No drill for over eight days; one that fails proves nothing; one that passes does.
        watching.until("BackupUnproven", True, 70)
        broken = max((each for each in (aetheld.store / "objects" / newest).rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
        flipped = bytearray(broken.read_bytes())
        flipped[len(flipped) // 2] ^= 1
        broken.write_bytes(flipped)
        drill(newest, "failed")
        time.sleep(1.5)
        equal("BackupUnproven" in watching.firing(), True, "it fires after a drill that failed")
        drill(backup(), "succeeded")
        watching.until("BackupUnproven", False, 10)

        # It is gone, and comes back.
        equal("BackupMetricsMissing" in watching.firing(), False)
        serving.process.send_signal(signal.SIGKILL)
        serving.process.wait()
        watching.until("BackupMetricsMissing", True, 10)
        serving = Serving(aetheld)
        watching.until("BackupMetricsMissing", False, 10)

        # And people were told: the pager of what pages, the channel of what can wait.
        for name in ("BackupNeverRan", "BackupMetricsMissing"):
            watching.told(lambda name=name: watching.receiver.states(name) == {"firing", "resolved"}, f"the pager of {name}")
        watching.told(lambda: any(path == "/slack-webhook" and "BackupUnproven" in json.dumps(body) for path, body in watching.receiver.heard), "the channel")
    finally:
        watching.stop()
        serving.process.kill()
        serving.process.wait()


with Scratch() as scratch:
    cases.case("alerts", alerts, scratch, pathlib.Path(sys.argv[1]))
cases.finish()
