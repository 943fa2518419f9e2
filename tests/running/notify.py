"""aetheld serve tells a webhook and a heartbeat how backups go; a receiver that hangs delays none."""

import hashlib
import hmac
import http.client
import http.server
import json
import signal
import subprocess
import threading
import time

from checks_world import Serving, eventually, free_ports
from servers import Aetheld, Cases, Failed, Scratch, contains, equal
from serving import until_said

cases = Cases()
KEY = "a-key-that-signs"


class Receiver:
    """Remembers what it is sent; its first answers may be errors, or it may say nothing until it is told to."""

    def __init__(self, errors=0):
        self.heard, self.errors, self.go = [], errors, threading.Event()
        self.go.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.go.wait(60)
                outer.heard.append((self.command, self.path, dict(self.headers), body))
                self.send_response(503 if len(outer.heard) <= outer.errors else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret-path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self):
        return [json.loads(each[3]) for each in self.heard]


def ask(port, token, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None
    finally:
        connection.close()


def backup(serving, token):
    """Until the job has ended; its state."""
    status, job = ask(serving.port, token, "POST", "/api/backup")
    equal(status, 202, f"POST /api/backup: {job}")
    begin = time.monotonic()
    while job["state"] in ("waiting", "running"):
        if time.monotonic() - begin > 120:
            raise Failed(f"the backup does not end: {job}")
        time.sleep(0.1)
        job = ask(serving.port, token, "GET", f"/api/jobs/{job['id']}")[1]
    return job["state"]


def notify(scratch):
    server = scratch.server(18)
    server.create("app")
    hook, heart = Receiver(errors=1), Receiver()
    aetheld = Aetheld(scratch, server, "app", "notify", more="  schedule: never\n")
    tokens = aetheld.folder / "tokens"
    token = subprocess.run([aetheld.program, "token", "test", "--scope", "read,run", "--file", tokens], check=True,
                           capture_output=True, text=True, env=aetheld.environment).stdout.split()[-1]
    aetheld.environment.update(HOOK=hook.url, HOOK_KEY=KEY)
    beat = aetheld.folder / "heartbeat-url"
    beat.write_text(heart.url + "\n")
    port, metrics = free_ports(2)
    aetheld.config.write_text(aetheld.config.read_text() + f"""serve:
  port: {port}
  metrics_port: {metrics}
  tokens: {tokens}
  drain: 1s
  notify:
    webhook: {{address: {{variable: HOOK}}, secret: {{variable: HOOK_KEY}}}}
    heartbeat: {{address: {{file: {beat}}}, method: POST}}
""")
    serving = Serving(aetheld)
    try:
        equal(backup(serving, token), "succeeded", "a backup")
        eventually("the heart beats", lambda: len(heart.heard) == 1)
        equal(heart.heard[0][:2], ("POST", "/secret-path"), "the heartbeat")
        equal(hook.heard, [], "the webhook after a success")

        # The database is away: the receiver, which is overloaded at first, is told, and can prove who told it.
        server.psql("template1", "ALTER DATABASE app ALLOW_CONNECTIONS false")
        equal(backup(serving, token), "failed", "a backup without a database")
        eventually("the webhook is told, at the second attempt", lambda: len(hook.heard) == 2)
        first, second = hook.documents()
        equal(first["id"], second["id"], "the id of both attempts")
        equal({key: second[key] for key in ("event", "database", "environment")},
              {"event": "backup.failed", "database": "main", "environment": "test"})
        moment, signature = hook.heard[1][2]["Aethel-Signature"].split(",")
        wanted = hmac.new(KEY.encode(), moment.removeprefix("t=").encode() + b"." + hook.heard[1][3], hashlib.sha256)
        equal(signature, "v1=" + wanted.hexdigest(), "the signature")
        equal(abs(time.time() - int(moment.removeprefix("t="))) < 300, True, "the time of the signature")
        equal(len(heart.heard), 1, "beats after a failure")

        # A receiver that hangs delays no backup; the address of the heartbeat is read anew.
        server.psql("template1", "ALTER DATABASE app ALLOW_CONNECTIONS true")
        other = Receiver()
        beat.write_text(other.url + "\n")
        other.go.clear()
        begin = time.monotonic()
        for _ in range(2):
            equal(backup(serving, token), "succeeded", "a backup while the receiver hangs")
        took = time.monotonic() - begin
        other.go.set()
        eventually("the other heart beats", lambda: len(other.heard) >= 1)
        print(f"        two backups beside a receiver that hangs: {took:.1f} s", flush=True)

        # Somebody else is told from now on, without a restart.
        third = Receiver()
        (aetheld.folder / "third").write_text(third.url + "\n")
        text = aetheld.config.read_text()
        aetheld.config.write_text(text.replace(str(beat), str(aetheld.folder / "third")))
        serving.process.send_signal(signal.SIGHUP)
        until_said(serving.process.stdout, "read the configuration again")
        before = len(other.heard)
        equal(backup(serving, token), "succeeded", "a backup after SIGHUP")
        eventually("the third heart beats", lambda: len(third.heard) == 1)
        equal(len(other.heard), before, "the one of before")
    finally:
        said = serving.stop()
    for secret in (KEY, "secret-path", token):
        if secret in said:
            raise Failed("a secret was said")


with Scratch() as scratch:
    cases.case("notify", notify, scratch)
cases.finish()
