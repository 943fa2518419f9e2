"""Backups of a database of pgbench, and of one with rows like an application's, into an S3 server on loopback (versitygw), against what a user would run instead. Each
round runs all of them, one after the other; the medians are printed as Markdown.

  gzip       pg_dump | gzip | upload of the stream, as the usual script has it (boto3's transfer, which `aws s3 cp -` uses)
  directory  pg_dump -Fd -j2 --compress=zstd, then upload of the folder
  aethel     aetheld backup run: dump, digests of all tables, zstd, encryption, upload

Memory is the largest resident size of a program and of those that it started and waited for (wait4)."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import s3_client
from servers import Aetheld, Scratch

ACCESS, SECRET = "bench", "bench-secret-key"
UPLOAD = """
import boto3, os, pathlib, sys
client = boto3.client("s3", endpoint_url=os.environ["BENCH_S3"], region_name="us-east-1")
what, key = sys.argv[1:]
if what == "-":
    client.upload_fileobj(sys.stdin.buffer, "bench", key)
else:
    for each in sorted(pathlib.Path(what).iterdir()):
        client.upload_file(str(each), "bench", key + "/" + each.name)
"""


class Store:
    """versitygw over a folder."""

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (folder / "data").mkdir()
        self.folder = folder / "data" / "bench"
        self.log = open(folder / "gateway.log", "wb")
        self.process = subprocess.Popen(["versitygw", "--port", f"127.0.0.1:{self.port}", "--access", ACCESS, "--secret", SECRET, "posix", folder / "data"],
                                        stdout=self.log, stderr=self.log)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        status, body = s3_client.ask(self.endpoint, "PUT", "/bench", ACCESS, SECRET, {})
        if status != 200:
            raise RuntimeError(f"no bucket: {status} {body[:200]}")
        self.environment = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, "BENCH_S3": self.endpoint, "AWS_CONFIG_FILE": "/dev/null",
                            "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": os.environ["PYTHONPATH"], "PATH": os.environ["PATH"]}

    def size(self):
        return sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


def timed(arguments, environment, **more):
    """Seconds, seconds of CPU, MiB resident, what it printed; fails as the program does."""
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([str(each) for each in arguments], env=environment, stdout=out, stderr=subprocess.STDOUT, **more)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
        out.seek(0)
        text = out.read()
    if process.returncode != 0:
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}:\n{text[-2000:]}")
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024, "text": text}


def digest_seconds(log, since):
    """How long the digests of a run lasted: from the first to the last of its statements, by the server's own log."""
    with open(log, "rb") as file:
        file.seek(since)
        total = 0.0
        for line in file.read().decode(errors="replace").splitlines():
            if line.startswith("aethel") and "duration:" in line and "hash_record_extended" in line:
                total += float(line.split("duration: ")[1].split(" ms")[0]) / 1000
    return total


def median(rows, name):
    return statistics.median(each[name] for each in rows)


# pgbench's rows are mostly blanks. These are like an application's: numbers, times, names, text, JSON, and a hash that
# nothing compresses. 4,800 rows are about a megabyte with their index.
ROWS = """
SELECT setseed(0.25);
CREATE FUNCTION word(kinds int) RETURNS text LANGUAGE sql VOLATILE
  AS $$ SELECT substr(md5(n::text), 1, 3 + n % 7) FROM (SELECT (random() * kinds)::int AS n OFFSET 0) AS drawn $$;
CREATE TABLE events (id bigint, made timestamptz, account int, kind text, note text, about jsonb, hash bytea);
INSERT INTO events SELECT g, timestamptz '2026-01-01' + g * interval '7 seconds', (random() * 50000)::int, word(12),
    word(2000) || ' ' || word(2000) || ' ' || word(2000) || ' ' || word(2000),
    jsonb_build_object('path', '/' || word(400) || '/' || (random() * 10000)::int, 'status', 200 + (random() * 4)::int * 100, 'seconds', random()),
    decode(md5(random()::text), 'hex')
  FROM generate_series(1, {rows}) g;
ALTER TABLE events ADD PRIMARY KEY (id);
VACUUM ANALYZE events;
"""


def bench(scratch, data, scale, rounds, label):
    server = scratch.server(18, f"{data}-{scale}", ("shared_buffers=512MB", "log_min_duration_statement=0", "log_line_prefix=%a ", "max_wal_size=8GB"))
    work = scratch.folder / f"work-{data}-{scale}"
    work.mkdir()
    store = Store(work)
    try:
        server.create("bench")
        begin = time.monotonic()
        if data == "rows":
            server.psql("bench", ROWS.format(rows=scale * 71000))
        else:
            subprocess.run([server.bin / "pgbench", "-i", "-q", "-s", str(scale), server.url("bench")], env=server.environment, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        size = int(server.psql("bench", "SELECT pg_database_size('bench')"))
        print(f"{label}: {size / 1e9:.2f} GB, filled in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        for name, value in store.environment.items():
            if name.startswith("AWS"):
                os.environ[name] = value
        aetheld = Aetheld(scratch, server, "bench", f"aetheld-{data}-{scale}", store=f"    bucket: bench\n    endpoint: {store.endpoint}\n    region: us-east-1\n    prefix: aethel\n")
        dump_environment = {**server.environment, **store.environment, "PATH": f"{server.bin}:{os.environ['PATH']}", "URL": server.url("bench"), "UPLOAD": UPLOAD,
                            "PYTHON": sys.executable, "WORK": str(work)}
        kinds = {
            "gzip": ["bash", "-c", 'set -eo pipefail; pg_dump "$URL" | gzip | "$PYTHON" -c "$UPLOAD" - gzip/dump.sql.gz'],
            "directory": ["bash", "-c", 'set -e; rm -rf "$WORK/directory"; pg_dump -Fd -j2 --compress=zstd -f "$WORK/directory" "$URL"; "$PYTHON" -c "$UPLOAD" "$WORK/directory" directory'],
            "aethel": [aetheld.program, "backup", "run", "--json", "--no-drill"],
        }
        log = scratch.folder / f"{data}-{scale}-18.log"
        results, drills = {kind: [] for kind in kinds}, []
        for round_ in range(rounds):
            for kind, arguments in kinds.items():
                if kind != "aethel" and scale > 100:
                    continue
                before, position = store.size(), log.stat().st_size
                row = timed(arguments, aetheld.environment if kind == "aethel" else dump_environment, cwd=aetheld.folder)
                row["stored"] = store.size() - before
                row["digests"] = digest_seconds(log, position) if kind == "aethel" else 0
                if kind == "aethel":
                    row["id"] = json.loads(row["text"])["backup"]
                else:
                    shutil.rmtree(store.folder / kind)
                results[kind].append(row)
                print(f"{label} {round_ + 1}/{rounds} {kind}: {row['seconds']:.1f} s, {row['cpu']:.1f} s of CPU, {row['memory']:.0f} MiB"
                      + (f", digests {row['digests']:.1f} s" if row["digests"] else ""), file=sys.stderr, flush=True)
            drill = timed([aetheld.program, "backup", "drill", results["aethel"][-1]["id"], "--json"], aetheld.environment, cwd=aetheld.folder)
            report = json.loads(drill["text"])
            if report["level"] < 3 or not report["passed"]:
                raise RuntimeError(f"the drill failed: {drill['text'][-2000:]}")
            drills.append(drill)
            print(f"{label} {round_ + 1}/{rounds} drill: {drill['seconds']:.1f} s, {drill['memory']:.0f} MiB", file=sys.stderr, flush=True)
        return size, results, drills
    finally:
        store.stop()
        server.stop()


def report(label, size, results, drills):
    print(f"\n{label}: {size / 1e9:.2f} GB in the server, {len(drills)} round(s); medians (smallest - largest)\n")
    print("| | seconds | times aethel | CPU s, client | MiB resident | MB stored |\n|---|---:|---:|---:|---:|---:|")
    own = median(results["aethel"], "seconds")
    for kind, rows in results.items():
        if rows:
            seconds = [each["seconds"] for each in rows]
            print(f"| {kind} | {median(rows, 'seconds'):.1f} ({min(seconds):.1f} - {max(seconds):.1f}) | {median(rows, 'seconds') / own:.2f} | "
                  f"{median(rows, 'cpu'):.1f} | {max(each['memory'] for each in rows):.0f} | {median(rows, 'stored') / 1e6:.0f} |")
    seconds = [each["seconds"] for each in drills]
    print(f"| drill to L3 | {statistics.median(seconds):.1f} ({min(seconds):.1f} - {max(seconds):.1f}) | | {median(drills, 'cpu'):.1f} | "
          f"{max(each['memory'] for each in drills):.0f} | |")
    print(f"\nDigests of the tables, in the server, beside the dump: {median(results['aethel'], 'digests'):.1f} s of statements. Every drill found all digests equal.")


mode = os.environ.get("AETHEL_BENCH", "")
scale, rounds = (4, 3) if mode == "small" else (68, 5)
rounds = int(os.environ.get("AETHEL_BENCH_ROUNDS", rounds))
plan = [("pgbench", scale, rounds), ("rows", scale, rounds)] + ([("pgbench", 680, 1)] if mode == "large" else [])
for data, scale, rounds in plan:
    with Scratch() as scratch:
        report(data, *bench(scratch, data, scale, rounds, data))
