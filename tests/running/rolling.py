"""Two replicas of aetheld serve behind nginx, restarted in turn by SIGTERM while wrk asks: none of its requests fails.

Who is behind nginx is decided by readiness, as in Kubernetes: a loop asks each /readyz and has nginx read another list when an
answer flips. nginx itself asks nobody a second time (`proxy_next_upstream off`): that would hide what a client of a Service sees.
wrk opens a connection for each request, since an nginx that reads its configuration again closes those of the time before.

AETHEL_REQUESTS: how many at least (100000)."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
import types

from servers import Aetheld, Cases, Failed, Scratch, equal
from serving import Serving, call, ended, free_ports, new_token

REQUESTS = int(os.environ.get("AETHEL_REQUESTS", "100000"))
ROUND = 20  # seconds of wrk, again and again
cases = Cases()


class Balancer:
    def __init__(self, folder, replicas):
        self.folder, self.replicas, self.lists, self.over = folder, replicas, [], False
        folder.mkdir()
        self.port = free_ports(1)[0]
        self.write([])
        self.process = subprocess.Popen(["nginx", "-e", folder / "log", "-p", folder, "-c", folder / "nginx.conf"])
        # A signal to one that is only beginning would end it.
        begin = time.monotonic()
        while not (folder / "pid").exists() or not (folder / "pid").read_text():
            if time.monotonic() - begin > 20 or self.process.poll() is not None:
                raise Failed(f"nginx does not start: {(folder / 'log').read_text()}")
            time.sleep(0.05)
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()

    def write(self, ready):
        self.lists.append(ready)
        servers = "".join(f"server 127.0.0.1:{each} max_fails=0; " for each in ready) or "server 127.0.0.1:9 down;"
        temporary = "".join(f"{name}_temp_path {self.folder}/{name}; "
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/log;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; {temporary}\n"
            f"upstream replicas {{ {servers} keepalive 16; }}\n"
            f"server {{ listen 127.0.0.1:{self.port} backlog=4096; location / {{ proxy_pass http://replicas;\n"
            "proxy_next_upstream off; proxy_http_version 1.1; proxy_set_header Connection ''; } } }\n")

    def loop(self):
        while not self.over:
            ready = [each.port for each in self.replicas if each is not None and self.is_ready(each)]
            if ready != self.lists[-1]:
                self.write(ready)
                self.process.send_signal(signal.SIGHUP)
            time.sleep(0.05)

    @staticmethod
    def is_ready(serving):
        with contextlib.suppress(OSError):
            return serving.get("/readyz")[0] == 200
        return False

    def end(self):
        self.over = True
        self.thread.join()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def replica(aetheld, text, number):
    """One as the other, but for its ports, its file of settings and its audit."""
    port, metrics_port = free_ports(2)
    config = aetheld.folder / f"replica-{number}.yaml"
    config.write_text(text.format(port=port, metrics_port=metrics_port, audit=aetheld.folder / f"audit-{number}"))
    return types.SimpleNamespace(program=aetheld.program, folder=aetheld.folder,
                                 environment={**aetheld.environment, "AETHEL_CONFIG": str(config)})


class Load:
    """wrk, in rounds until it is told to end."""

    def __init__(self, url, *headers):
        self.asked, self.wrong, self.over = 0, [], False
        words = [word for header in ("Connection: close", *headers) for word in ("-H", header)]
        self.command = ["wrk", "-t", "1", "-c", "8", "-d", f"{ROUND}s", "--timeout", "10s", *words, url]
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()

    def loop(self):
        while not self.over:
            said = subprocess.run(self.command, capture_output=True, text=True, timeout=ROUND + 60)
            found = re.search(r"(\d+) requests in", said.stdout)
            if said.returncode != 0 or not found or found[1] == "0":
                self.wrong.append(said.stdout + said.stderr)
                return
            self.asked += int(found[1])
            self.wrong += re.findall(r"Socket errors:.*|Non-2xx.*", said.stdout)

    def end(self):
        self.over = True
        self.thread.join()


def rolling(scratch):
    server = scratch.server(18)
    server.create("app")
    server.psql("app", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "app", "rolling")
    token = new_token(aetheld, "load", "read,run")
    text = aetheld.config.read_text() + (
        f"  schedule: never\nserve:\n  port: {{port}}\n  metrics_port: {{metrics_port}}\n  tokens: {aetheld.folder}/tokens\n"
        "  audit: {audit}\n  drain: 2s\n  rate: 1000000\n")
    both = [replica(aetheld, text, number) for number in (1, 2)]
    replicas = [Serving(each) for each in both]
    balancer = Balancer(scratch.folder / "nginx", replicas)
    loads, restarts, slowest = [], 0, 0.0
    try:
        for each in replicas:
            each.until("/readyz", 200, 10)
        front = types.SimpleNamespace(port=balancer.port)
        equal(ended(replicas[0], token, call(replicas[0], "POST", "/api/backup", token))["state"], "succeeded")
        begin = time.monotonic()
        while len(balancer.lists[-1]) != 2:
            if time.monotonic() - begin > 20:
                raise Failed("nginx has not both")
            time.sleep(0.1)
        equal(call(front, "GET", "/api/backup", token)[0], 200, "through nginx")
        url = f"http://127.0.0.1:{balancer.port}"
        loads = [Load(f"{url}/livez"), Load(f"{url}/api/backup", f"Authorization: Bearer {token}")]
        while restarts < 4 or sum(each.asked for each in loads) < REQUESTS:
            if any(each.wrong for each in loads) or time.monotonic() - begin > 900:
                break
            number = restarts % 2
            stopped = time.monotonic()
            equal(replicas[number].stop(40), 0, "the end of a replica")
            slowest = max(slowest, time.monotonic() - stopped)
            replicas[number] = Serving(both[number])
            replicas[number].until("/readyz", 200, 20)
            restarts += 1
            while len(balancer.lists[-1]) != 2:
                time.sleep(0.05)
            time.sleep(1)
    finally:
        for each in loads:
            each.end()
        balancer.end()
        codes = [each.stop(40) for each in replicas]
        said = "".join(each.process.stderr.read() for each in replicas)
    equal(codes, [0, 0], "the ends")
    equal(said, "", "what they complained of")
    equal([each.wrong for each in loads], [[], []], "failed requests")
    asked = [each.asked for each in loads]
    equal(sum(asked) >= REQUESTS and min(asked) > REQUESTS / 20, True, asked)
    print(f"        {asked[0]} of /livez and {asked[1]} of the API, {restarts} restarts, each ended within {slowest:.1f} s:"
          " none failed", flush=True)


with Scratch() as scratch:
    cases.case("rolling restart", rolling, scratch)
cases.finish()
