"""aetheld serve beside a real PostgreSQL that stops, hangs and comes back."""

import json
import os
import re
import signal
import subprocess
import time

from bucket import Bucket
from servers import Aetheld, Cases, Failed, Scratch, contains, equal
from serving import Serving, call, ended, free_ports, new_token, until_said

cases = Cases()


def read_metrics(serving):
    """The metrics, when they say what is in the repository; before that they say nothing of it, rather than zero."""
    begin = time.monotonic()
    while "aethel_backup_last_success" not in (body := serving.get("/metrics", serving.metrics_port)[1]):
        contains(body, 'aethel_backup_runs_total{store="main",result="failure"} 0\n')
        if time.monotonic() - begin > 20:
            raise Failed(f"nothing of the repository in {body}")
        time.sleep(0.05)
    return body


def serve(scratch):
    server = scratch.server(18)
    server.create("app")
    server.psql("app", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "app", "serve")
    remains = scratch.folder / "drills" / "aethel-drill-killed"
    remains.mkdir()
    serving = Serving(aetheld, "  schedule: never\nserve:\n  port: {port}\n  metrics_port: {metrics_port}\n  drain: 1s\n")
    try:
        serving.until("/startupz", 200, 10)
        equal(remains.exists(), False, "what a drill left that was killed")
        for path in ("/livez", "/readyz", "/startupz", "/api/health/live", "/api/health/ready", "/api/health/startup"):
            status, body, headers = serving.get(path)
            equal((status, json.loads(body)["status"], headers["Content-Type"]),
                  (200, "pass", "application/health+json"), path)
        checks = json.loads(serving.get("/readyz?verbose")[1])["checks"]
        equal({name: each[0]["status"] for name, each in checks.items()}, {"database": "pass", "store": "pass"})
        equal(serving.get("/metrics")[0], 404, "metrics on the port of health")
        equal(serving.get("/nothing")[0], 404)

        # No backup yet: the series are there, at zero, once the repository was read.
        body = read_metrics(serving)
        contains(body, 'aethel_backup_last_success_timestamp_seconds{store="main"} 0\n')
        contains(body, 'aethel_drill_last_success_timestamp_seconds{store="main",level="L3"} 0\n')
        body, headers = serving.get("/metrics", serving.metrics_port, Accept="application/openmetrics-text;version=1.0.0")[1:]
        contains(headers["Content-Type"], "application/openmetrics-text; version=1.0.0")
        equal(body.endswith("# EOF\n"), True, "the end of OpenMetrics")

        # The server hangs: nothing answers, nothing is refused.
        postmaster = server.process.pid
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True).stdout.split()
        everybody = [postmaster, *map(int, children)]
        for pid in everybody:
            os.kill(pid, signal.SIGSTOP)
        try:
            flipped = serving.until("/readyz", 503, 40)
            # The check itself goes on: each look ends by its own time.
            time.sleep(10)
            check = json.loads(serving.get("/readyz?verbose")[1])["checks"]["database"][0]
            equal((check["output"], check["observedValue"] < 12_000), ("it does not answer in time", True), check)
            equal(serving.get("/livez")[0], 200, "liveness while the database hangs")
            equal(serving.get("/startupz")[0], 200, "startup while the database hangs")
            contains(json.loads(serving.get("/readyz?verbose")[1])["checks"]["database"][0]["status"], "fail")
            equal(serving.get("/readyz?exclude=database")[0], 200, "what is excluded")
        finally:
            for pid in everybody:
                with __import__("contextlib").suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        recovered = serving.until("/readyz", 200, 30)
        print(f"        readiness flipped after {flipped:.1f} s and recovered after {recovered:.1f} s", flush=True)

        # The repository is away, as a disk is that is not mounted.
        aetheld.store.rename(aetheld.folder / "elsewhere")
        serving.until("/readyz", 503, 30)
        contains(json.loads(serving.get("/readyz?verbose")[1])["checks"]["store"][0]["output"], "the repository cannot be read")
        (aetheld.folder / "elsewhere").rename(aetheld.store)
        serving.until("/readyz", 200, 30)

        # A drain: not ready at once, still answering, then gone with code 0.
        serving.process.send_signal(signal.SIGTERM)
        serving.until("/readyz", 503, 0.9)
        equal(serving.get("/livez")[0], 200, "liveness while it drains")
        equal(serving.process.wait(20), 0, "the end")
    finally:
        serving.process.kill()
        serving.process.wait()

    # After a backup and a drill the metrics say so, in a new process.
    aetheld.call("run")
    aetheld.call("drill")
    serving = Serving(aetheld)
    try:
        body = read_metrics(serving)
        for name in ("aethel_backup_last_success_timestamp_seconds", "aethel_backup_last_proven_timestamp_seconds",
                     "aethel_backup_size_bytes"):
            value = float(re.search(name + r'{store="main"} (\S+)', body).group(1))
            equal(value > 0, True, name)
    finally:
        serving.stop()


PORTS = "serve:\n  port: {port}\n  metrics_port: {metrics_port}\n  drain: 0s\n"


def api(scratch):
    server = scratch.servers[0]
    server.create("shop")
    server.psql("shop", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "shop", "api")
    everything = new_token(aetheld, "ops", "read,run,restore")
    looks = new_token(aetheld, "page", "read")
    aetheld.config.write_text(aetheld.config.read_text().replace("after: never", "after: always\n    schedule: never"))
    audit = aetheld.folder / "audit"
    aetheld.environment["RESTORE_DATABASE_URL"] = server.url("postgres")
    serving = Serving(aetheld, f"  schedule: never\n{PORTS}  tokens: {aetheld.folder}/tokens\n  audit: {audit}\n")
    try:
        equal(call(serving, "GET", "/api/backup", "")[0], 401)
        equal(call(serving, "POST", "/api/backup", looks)[0], 403)
        status, body, _ = call(serving, "GET", "/api/backup", looks)
        equal((status, body["backups"]), (200, []))

        made = ended(serving, everything, call(serving, "POST", "/api/backup", everything))
        equal((made["state"], made["result"]["proven"], made["by"]), ("succeeded", "L3", "ops"), made)
        first = made["result"]["backup"]
        listed = call(serving, "GET", "/api/backup", looks)[1]["backups"]
        equal([(each["id"], each["proven"], each["rows"]) for each in listed], [(first, "L3", 1000)])
        shown = call(serving, "GET", f"/api/backup/{first}", looks)[1]
        equal(shown["reports"][0]["passed"], True)

        # Into a new database.
        done = ended(serving, everything, call(serving, "POST", f"/api/backup/{first}/restore", everything, {"database": "shop_copy"}))
        equal((done["state"], done["result"]["rows"]), ("succeeded", 1000), done)
        equal(server.psql("shop_copy", "SELECT count(*) FROM t"), "1000")
        done = ended(serving, everything, call(serving, "POST", f"/api/backup/{first}/restore", everything, {"database": "shop_copy"}))
        equal(done["state"], "failed", "a database that is there")
        equal(server.psql("shop_copy", "SELECT count(*) FROM t"), "1000")

        # In place, by the application's own address, and not without the word, which names what is replaced.
        server.psql("shop", "DELETE FROM t")
        wish = {"id": first, "in_place": True}
        status, body, _ = call(serving, "POST", "/api/backup/restore", everything, wish)
        equal(status, 428, body)
        equal(call(serving, "POST", "/api/backup/restore", everything, {**wish, "confirmation": "guessed"})[0], 428)
        body = call(serving, "POST", "/api/backup/restore", everything, wish)[1]
        contains(body["detail"], "this replaces the database shop at ")
        confirmed = {**wish, "confirmation": body["confirmation"]}
        done = ended(serving, everything, call(serving, "POST", "/api/backup/restore", everything, confirmed))
        equal(done["state"], "succeeded", done)
        equal(server.psql("shop", "SELECT count(*) FROM t"), "1000")
        equal(server.psql(done["result"]["replaced"], "SELECT count(*) FROM t"), "0")
        equal(done["result"]["database"], "shop")
        equal(call(serving, "POST", "/api/backup/restore", everything, confirmed)[0], 428, "a word is for once")
        jobs = call(serving, "GET", "/api/jobs", looks)[1]["jobs"]
        equal([each for each in jobs if each["state"] == "succeeded" and not 0 < each["bytes_done"] == each["bytes_total"]], [], "work that is done, and its bytes")

        lines = [json.loads(line) for line in audit.read_text().splitlines()]
        contains([(each["caller"], each["method"], each["route"], each["status"]) for each in lines],
                 ("ops", "POST", "/api/backup/restore", 202))
        for secret in (everything, looks, body["confirmation"]):
            if secret in audit.read_text():
                raise Failed("a secret stands in the audit")
        counted = serving.get("/metrics", serving.metrics_port)[1]
        contains(counted, 'aethel_backup_runs_total{store="main",result="success"} 1\n')

        # Read again by SIGHUP; what is wrong changes nothing.
        good = aetheld.config.read_text()
        aetheld.config.write_text(good.replace("schedule: never", "schedule: sometimes"))
        serving.process.send_signal(signal.SIGHUP)
        complaint = until_said(serving.process.stderr, "not a schedule of cron")
        contains("".join(complaint), "restore " + first + " by ops failed: there is a database \"shop_copy\" already")
        equal(call(serving, "GET", "/api/backup", looks)[0], 200)
        checks = "  checks:\n    web: {{kind: {}, url: 'http://127.0.0.1:9/', hard: false}}\n"
        aetheld.config.write_text(good.replace("drain: 0s", "drain: 3s") + checks.format("radish"))
        serving.process.send_signal(signal.SIGHUP)
        until_said(serving.process.stderr, "unknown kind of check")
        equal(set(json.loads(serving.get("/readyz?verbose")[1])["checks"]), {"database", "store"}, "the checks of before")

        # What is right counts as a whole: checks, rate and times. It never says that it is not ready on the way.
        aetheld.config.write_text(good.replace("drain: 0s", "drain: 3s\n  rate: 1") + checks.format("http"))
        serving.process.send_signal(signal.SIGHUP)
        begin, said = time.monotonic(), {}
        while "web" not in said:
            status, body, _ = serving.get("/readyz?verbose")
            equal((status, serving.get("/startupz")[0]), (200, 200), body)
            said = json.loads(body)["checks"]
            if time.monotonic() - begin > 15:
                raise Failed(f"no check of this name: {said}")
        log = "".join(until_said(serving.process.stdout, "read the configuration again"))
        for each in (f"backup {first} by ops: done in ", f"restore {first} by ops: done in "):
            contains(log, each)
        equal((said["web"][0]["status"], said["database"][0]["status"]), ("warn", "pass"), said)
        equal([call(serving, "GET", "/api/backup", looks)[0] for _ in range(6)].count(429) >= 2, True, "the rate")
        begin = time.monotonic()
        equal(serving.stop(), 0, "the end")
        equal(3 <= time.monotonic() - begin < 8, True, "the time of a drain")
    finally:
        serving.process.kill()
        serving.process.wait()


def at_the_end(scratch):
    """A backup that runs when the end comes is made, if there is time; else it leaves nothing."""
    server = scratch.servers[0]
    server.create("late")
    server.psql("late", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "late", "at-the-end")
    everything = new_token(aetheld, "ops", "read,run")
    text = aetheld.config.read_text().replace("after: never", "after: always\n    schedule: never")
    aetheld.config.write_text(text)
    serving = Serving(aetheld, f"  schedule: never\n{PORTS}  grace: 16s\n  tokens: {aetheld.folder}/tokens\n")
    ends = []
    for seconds in (3, 60):
        try:
            with server.locked("late", "t", seconds):
                equal(call(serving, "POST", "/api/backup", everything)[0], 202)
                time.sleep(1)
                begin = time.monotonic()
                serving.process.send_signal(signal.SIGTERM)
                time.sleep(0.3)
                equal(call(serving, "POST", "/api/backup", everything)[0] in (409, 503), True, "what comes after the end has begun")
                equal(serving.process.wait(20), 0, "the end")
                contains(serving.process.stdout.read(), "what runs has 8 s more to end")
                ends.append(time.monotonic() - begin)
        finally:
            serving.process.kill()
            serving.process.wait()
        equal(len(json.loads(aetheld.call("list", "--json"))["backups"]), 1, f"backups after a lock of {seconds} s")
        serving = Serving(aetheld)
    print(f"        it ended after {ends[0]:.1f} s with the backup, after {ends[1]:.1f} s without", flush=True)
    equal((ends[0] < 6, 7 < ends[1] < 14), (True, True), ends)
    try:
        kept = [each["proven"] for each in call(serving, "GET", "/api/backup", everything)[1]["backups"]]
        equal(kept, [None], "no drill began at the end")
        made = ended(serving, everything, call(serving, "POST", "/api/backup", everything))
        equal((made["state"], made["result"]["proven"]), ("succeeded", "L3"), made)
    finally:
        equal(serving.stop(), 0, "the end")


def pair(aetheld):
    """Two processes on one repository, with a schedule of each minute."""
    aetheld.config.write_text(aetheld.config.read_text() + "  schedule: '* * * * *'\n  jitter: 0s\n")
    one = Serving(aetheld, PORTS)
    two = free_ports(2)
    text = aetheld.config.read_text().replace(f"port: {one.port}\n", f"port: {two[0]}\n")
    aetheld.config.write_text(text.replace(f"port: {one.metrics_port}\n", f"port: {two[1]}\n"))
    try:
        return [one, Serving(aetheld)]
    except Exception:
        one.stop()
        raise


def replicas(scratch):
    """Every time once: in a folder, and in a bucket that ignores conditions, where PostgreSQL has to keep them apart."""
    server = scratch.servers[0]
    server.create("twice")
    server.psql("twice", "CREATE TABLE t (id int)")
    with Bucket(scratch, server, "replicas-bucket", "twice") as bucket:
        # The repository itself wants its manifests once: it was made before.
        bucket.settings(ignore_conditions=True, racy_conditions=True)
        contains(bucket.aetheld.try_call("check").stdout, "it ignores conditional writes")
        pairs = {}
        try:
            for where, aetheld in (("folder", Aetheld(scratch, server, "twice", "replicas")), ("bucket", bucket.aetheld)):
                pairs[where] = (aetheld, pair(aetheld))
            minutes = {where: [] for where in pairs}
            begin = time.time()
            while time.time() - begin < 150 and min(len(each) for each in minutes.values()) < 2:
                time.sleep(1)
                for where, (aetheld, _) in pairs.items():
                    minutes[where] = [each["id"][:13] for each in json.loads(aetheld.call("list", "--json"))["backups"]]
            time.sleep(3)  # for another one, which may not come
            for where, (aetheld, _) in pairs.items():
                all = [each["id"][:13] for each in json.loads(aetheld.call("list", "--json"))["backups"]]
                equal((len(all) >= 2, len(set(all))), (True, len(all)), f"{where}: {all}")
        finally:
            codes = [each.stop() for _, both in pairs.values() for each in both]
    equal(codes, [0] * 4, "the ends")


def retention(scratch):
    """A backup that a later drill proves lets go of what no rule keeps, as one that is drilled at once does."""
    server = scratch.servers[0]
    server.create("kept")
    aetheld = Aetheld(scratch, server, "kept", "retention")
    everything = new_token(aetheld, "ops", "read,run")
    text = aetheld.config.read_text().replace("after: never", "after: never\n    schedule: never")
    aetheld.config.write_text(text + "  retention: {last: 3, daily: 0, weekly: 0, monthly: 0, proven: 1}\n")
    serving = Serving(aetheld, f"  schedule: never\n{PORTS}  tokens: {aetheld.folder}/tokens\n")
    try:
        made = [ended(serving, everything, call(serving, "POST", "/api/backup", everything))["result"]["backup"] for _ in range(4)]
        listed = [each["id"] for each in call(serving, "GET", "/api/backup", everything)[1]["backups"]]
        equal(sorted(listed), sorted(made), "nothing is proven, so nothing is removed")
        done = ended(serving, everything, call(serving, "POST", f"/api/backup/{made[-1]}/drill", everything))
        equal(done["state"], "succeeded", done)
        listed = [each["id"] for each in call(serving, "GET", "/api/backup", everything)[1]["backups"]]
        equal(sorted(listed), sorted(made[1:]), "what is left")
    finally:
        equal(serving.stop(), 0, "the end")


with Scratch() as scratch:
    cases.case("serve", serve, scratch)
    cases.case("the API", api, scratch)
    cases.case("two replicas", replicas, scratch)
    cases.case("retention", retention, scratch)
    cases.case("the end", at_the_end, scratch)
cases.finish()
