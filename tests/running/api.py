"""The API of aetheld serve, held to its own document by schemathesis: statuses, types, headers and schemas of what it answers,
methods that a path has not, and calls without a token, by requests that are right and by requests that are not.

What it starts is real: it makes backups of a small database and drills and restores them, into databases that go away with
the server. AETHEL_SEED: of its requests (fixed)."""

import json
import os
import re
import subprocess

from servers import Aetheld, Cases, Failed, Scratch, equal
from serving import Serving, call, ended, new_token

SECONDS = 40
SEED = os.environ.get("AETHEL_SEED", "20261126")
cases = Cases()
SERVE = "  schedule: never\nserve:\n  port: {port}\n  metrics_port: {metrics_port}\n  drain: 0s\n  rate: 100000\n"


# A restore in place is right to ask for and answered with 428 all the same: nobody guesses the word of its second request.
# What is deleted is a job's future: it is still shown as cancelled, which `use_after_free` takes for a mistake.
RULES = """
[checks]
use_after_free.enabled = false
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "428", "429"]
"""


def schemathesis(scratch, serving, token, *more):
    home = scratch.folder / "schemathesis"
    home.mkdir(exist_ok=True)
    (home / "schemathesis.toml").write_text(RULES)
    done = subprocess.run(
        ["schemathesis", "run", f"http://127.0.0.1:{serving.port}/openapi.json", "--header", f"Authorization: Bearer {token}",
         "--no-color", "--seed", SEED, "--generation-database", "none", "--request-timeout", "20", "--continue-on-failure",
         "--max-time", str(SECONDS), *more],
        cwd=home, capture_output=True, text=True, timeout=SECONDS + 60)
    if done.returncode != 0:
        raise Failed(f"schemathesis ended with {done.returncode}:\n{done.stdout[-12000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def api(scratch):
    server = scratch.server(18)
    server.create("shop")
    server.psql("shop", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    server.psql("shop", "CREATE ROLE reader LOGIN BYPASSRLS; GRANT pg_read_all_data TO reader")
    aetheld = Aetheld(scratch, server, "shop", "api")
    # Backups need no more than to read; restores go by another address.
    aetheld.environment["RESTORE_DATABASE_URL"] = aetheld.environment["DATABASE_URL"]
    aetheld.environment["DATABASE_URL"] = server.url("shop", "reader")
    token = new_token(aetheld, "tester", "read,run,restore")
    audit = aetheld.folder / "audit"
    aetheld.config.write_text(aetheld.config.read_text().replace("after: never", "after: never\n    schedule: never"))
    serving = Serving(aetheld, f"{SERVE}  tokens: {aetheld.folder}/tokens\n  audit: {audit}\n")
    try:
        serving.until("/readyz", 200, 10)
        made = ended(serving, token, call(serving, "POST", "/api/backup", token))
        equal((made["state"], made["backup"]), ("succeeded", made["result"]["backup"]), made)
        restored = ended(serving, token, call(serving, "POST", "/api/backup/latest/restore", token, {"database": "again"}))
        equal((restored["state"], server.psql("again", "SELECT count(*) FROM t")), ("succeeded", "1000"), restored)
        said = schemathesis(scratch, serving, token)
        equal(call(serving, "GET", "/api/backup", token)[0], 200, "after all of it")
        equal(server.psql("shop", "SELECT count(*) FROM t"), "1000", "the database itself")
        lines = [json.loads(line) for line in audit.read_text().splitlines()]
        asked = {(each["method"], each["route"]) for each in lines if each["status"] < 300}
        paths = json.loads(serving.get("/openapi.json")[1])["paths"]
        operations = {(method.upper(), path) for path, methods in paths.items() for method in methods if path.startswith("/api/")}
        equal(operations - asked, set(), "what was never done")
        cases_run = re.search(r"(\d+) generated, (\d+) passed", said)
        equal(cases_run and cases_run[1] == cases_run[2], True, said)
        print(f"        {cases_run[1]} requests of schemathesis, {len(operations)} operations of the API done", flush=True)
    finally:
        equal(serving.stop(60), 0, "the end")


with Scratch() as scratch:
    cases.case("schemathesis", api, scratch)
cases.finish()
