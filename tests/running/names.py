"""A name server that takes questions and answers none: the checks that need a name fail within their stated time, again and
again, and nobody else notices. Runs in a network of its own, where 127.0.0.1:53 is free."""

import json
import pathlib
import socket
import subprocess
import time

from servers import Aetheld, Cases, Scratch, equal, run
from serving import Serving

EVERY, TIMEOUT, FAILURES = 0.5, 0.6, 2
ROOM = 3.0
NAMES = ("web", "cache", "other-database")
cases = Cases()


def names(scratch):
    run(["ip", "link", "set", "lo", "up"])
    server_of_names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server_of_names.bind(("127.0.0.1", 53))
    server_of_names.settimeout(10)
    resolver = scratch.folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    run(["mount", "--bind", resolver, "/etc/resolv.conf"])
    server = scratch.server(18)
    server.create("app")
    aetheld = Aetheld(scratch, server, "app", "names")
    rest = f"every: {int(EVERY * 1000)}ms, timeout: {int(TIMEOUT * 1000)}ms, failures: {FAILURES}, hard: false"
    aetheld.environment["OTHER_URL"] = "postgresql://app@database.example.com/app"
    serving = Serving(aetheld, f"""  schedule: never
serve:
  port: {{port}}
  metrics_port: {{metrics_port}}
  drain: 0s
  checks:
    web: {{{{kind: http, url: 'http://web.example.com/', {rest}}}}}
    cache: {{{{kind: redis, url: 'redis://cache.example.com', {rest}}}}}
    other-database: {{{{kind: postgresql, address: {{{{variable: OTHER_URL}}}}, {rest}}}}}
""")
    try:
        question = server_of_names.recv(512)
        equal(b"example" in question, True, question)
        # Ready when the first look at what has to be there has ended, whatever hangs beside it.
        begin = time.monotonic()
        while serving.get("/readyz")[0] != 200:
            equal(time.monotonic() - begin < ROOM, True, "ready")
            time.sleep(0.05)
        while time.monotonic() - begin < 25:
            asked = time.monotonic()
            status, body, _ = serving.get("/readyz?verbose")
            equal((status, time.monotonic() - asked < ROOM), (200, True), body)
            checks = json.loads(body)["checks"]
            # From when the first looks have ended, each is known and not old: none of them hangs.
            if time.monotonic() - begin > TIMEOUT + ROOM:
                equal(checks["database"][0]["status"], "pass", body)
                for name in NAMES:
                    equal((checks[name][0]["status"], checks[name][0]["observedValue"] < (1.1 * EVERY + TIMEOUT + ROOM) * 1000),
                          ("warn", True), body)
                    equal("for too long" in checks[name][0]["output"] or "not ended" in checks[name][0]["output"], False, body)
            time.sleep(0.2)
        # Look-ups cannot be called back; those that hang end by the resolver's own time, so that they stay few.
        threads = len(list(pathlib.Path(f"/proc/{serving.process.pid}/task").iterdir()))
        print(f"        {threads} threads after 25 s of {checks['web'][0]['output']!r}", flush=True)
        equal(threads < 100, True, f"{threads} threads")
    finally:
        equal(serving.stop(), 0, "the end")
        subprocess.run(["umount", "-l", "/etc/resolv.conf"], check=False)


with Scratch() as scratch:
    cases.case("a name server that hangs", names, scratch)
cases.finish()
