"""What a crash leaves: nothing half-made is listed, nothing proven is gone, and the next run succeeds without help.

AETHEL_CRASHES: how often a run is killed (8), of a database of AETHEL_CRASH_ROWS (100000); AETHEL_SEED: of the moments (fixed)."""

import contextlib
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import time

from bucket import Bucket
from servers import Aetheld, Cases, Failed, Scratch, contains, equal

CRASHES = int(os.environ.get("AETHEL_CRASHES", "8"))
ROWS = int(os.environ.get("AETHEL_CRASH_ROWS", "100000"))
SEED = int(os.environ.get("AETHEL_SEED", "20261126"))
cases = Cases()


def listing(aetheld):
    out = json.loads(aetheld.call("list", "--json"))
    equal(out["unreadable"], [], "unreadable")
    return {each["id"]: each["proven"] for each in out["backups"]}


def left_behind(scratch, server):
    """Processes of ours, and sessions of theirs: none may outlive who started them for long."""
    for _ in range(200):
        left = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                folder = os.readlink(entry / "cwd")
                if (str(scratch.folder / "drills") in words + folder or "pg_dump" in words) and str(scratch.folder) in words + folder:
                    left.append(words)
        sessions = server.psql("template1", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'aethel backup'")
        if not left and sessions == "0":
            return
        time.sleep(0.05)
    raise Failed(f"left behind: {left}, {sessions} sessions")


def shared_memory():
    """Segments that nobody uses and whose maker is gone."""
    out = set()
    for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
        _, number, _, _, maker, _, users, *_ = line.split()
        if users == "0" and not pathlib.Path("/proc", maker).exists():
            out.add(number)
    return out


def older(folder):
    """As if everything had been written two days ago, which is when what has no manifest may be swept."""
    for path in folder.rglob("*"):
        stamp = time.time() - 2 * 86400
        os.utime(path, (stamp, stamp), follow_symlinks=False)


def kill_when(aetheld, seen):
    process = subprocess.Popen([aetheld.program, "backup", "run", "--quiet"], env=aetheld.environment, cwd=aetheld.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 120
    while not seen():
        if process.poll() is not None or time.monotonic() > limit:
            process.kill()
            raise Failed("it ended before it was to be killed")
        time.sleep(0.001)
    process.kill()
    process.wait()


def killed(scratch, server):
    aetheld = Aetheld(scratch, server, "kills", "killed", "  retention:\n    last: 1000\n")
    aetheld.config.write_text(aetheld.config.read_text().replace("after: never", "after: always"))
    memory = shared_memory()
    begin = time.monotonic()
    proven = json.loads(aetheld.call("run", "--json"))["backup"]
    whole = time.monotonic() - begin
    equal(listing(aetheld), {proven: "L3"}, "before")
    begin = time.monotonic()
    before = {proven, json.loads(aetheld.call("run", "--json", "--no-drill"))["backup"]}
    alone = time.monotonic() - begin
    moments = random.Random(SEED)
    finished = 0
    for number in range(CRASHES):
        # Four of five without a drill, which takes most of the time. Also a little after the usual end: then it is done, and counts.
        more = ["--no-drill"] if number % 5 else []
        moment = moments.uniform(0, 1.05 * (alone if more else whole))
        process = subprocess.Popen([aetheld.program, "backup", "run", "--quiet", *more], env=aetheld.environment, cwd=aetheld.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
            finished += 1
        process.kill()
        process.wait()
        left_behind(scratch, server)
        now = listing(aetheld)
        if not before <= set(now):
            raise Failed(f"kill {number} at {moment:.3f} s: {before - set(now)} is gone")
        equal(now[proven], "L3", f"kill {number}: the proven one")
        for backup in set(now) - before:
            if aetheld.try_call("verify", backup).returncode != 0:
                raise Failed(f"kill {number} at {moment:.3f} s: {backup} is listed and half-made")
        before = set(now)
    # Where chance seldom leads: all is stored but the manifest; the scratch server is at work.
    drills = scratch.folder / "drills"
    folders = {path.name for path in (aetheld.store / "objects").iterdir()}
    kill_when(aetheld, lambda: any("archive-000001" in os.listdir(path) for path in (aetheld.store / "objects").iterdir()
                                   if path.name not in folders))
    left_behind(scratch, server)
    equal(set(listing(aetheld)), before, "without a manifest")
    kill_when(aetheld, lambda: any(drills.glob("aethel-drill-*/data/postmaster.pid")))
    left_behind(scratch, server)
    equal(len(list(drills.glob("aethel-drill-*"))), 1, "what a killed drill leaves")
    equal(len(shared_memory() - memory) <= 1, True, "what a killed server leaves")
    # One that was killed before it had a lock, and one of somebody else.
    (drills / "aethel-drill-unborn").mkdir()
    (drills / "another").mkdir()
    done = json.loads(aetheld.call("run", "--json", "--no-drill"))
    equal([path.name for path in drills.iterdir()], ["another"], "swept by a run, also by one that does not drill")
    done = json.loads(aetheld.call("run", "--json"))
    equal(done["proof"]["passed"], True, "the next run")
    equal(list((scratch.folder / "drills").glob("aethel-drill-*")), [], "folders of drills")
    equal(shared_memory() - memory, set(), "segments of shared memory")
    equal(aetheld.try_call("verify", proven).returncode, 0, "the proven one")
    # What killed runs stored is swept when it is old, and nothing else is.
    before = listing(aetheld)
    older(aetheld.store)
    pruned = json.loads(aetheld.call("prune", "--yes", "--json"))
    equal((pruned["stopped"], pruned["removed"]), ("", []), "prune")
    equal(listing(aetheld), before, "after prune")
    equal({path.name for path in (aetheld.store / "objects").iterdir() if any(path.iterdir())}, set(before), "objects")
    equal(list((aetheld.store / ".partial").iterdir()), [], "partial files")
    for backup in before:
        equal(aetheld.try_call("verify", backup, "--level", "L1").returncode, 0, backup)
    equal(pruned["orphans"] >= 1, True, "unfinished backups")
    print(f"        {CRASHES} kills within {alone:.1f} s, every fifth within {whole:.1f} s with the drill; {finished} were too late, "
          f"{pruned['orphans']} unfinished backups swept")


def no_file_over(limit, aetheld):
    # Python ignores SIGXFSZ, and lets the program inherit that: writing fails, as on a full disk.
    done = subprocess.run([aetheld.program, "backup", "run"], env=aetheld.environment, cwd=aetheld.folder, capture_output=True, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), restore_signals=False, timeout=600)
    equal(done.returncode, 3, f"with files of at most {limit} bytes: {done.stdout}{done.stderr}")
    contains(done.stderr, "File too large")


def full(scratch, server):
    """A file may not grow, as on a full disk: what was written goes away, and what was there stays."""
    aetheld = Aetheld(scratch, server, "crash", "full")
    first = json.loads(aetheld.call("run", "--json"))["backup"]
    for limit in (0, 1000, 1 << 20):
        no_file_over(limit, aetheld)
        equal(set(listing(aetheld)), {first}, "listed")
        equal({path.name for path in (aetheld.store / "objects").iterdir() if any(path.iterdir())}, {first}, "objects")
        equal(list((aetheld.store / ".partial").iterdir()), [], "partial files")
    aetheld.call("verify", "--all")
    aetheld.call("run")

    # Of a small one all but the manifest: whether that came is read, and its objects wait for the sweeper.
    aetheld = Aetheld(scratch, server, "small", "full-small")
    first = json.loads(aetheld.call("run", "--json"))["backup"]
    objects = max(path.stat().st_size for path in (aetheld.store / "objects" / first).iterdir())
    manifest = (aetheld.store / "manifests" / first).stat().st_size
    if objects + 20 >= manifest:
        raise Failed(f"an object of {objects} bytes, a manifest of {manifest}")
    no_file_over((objects + manifest) // 2, aetheld)
    equal(set(listing(aetheld)), {first}, "listed")
    second = json.loads(aetheld.call("run", "--json"))["backup"]
    older(aetheld.store)
    equal(json.loads(aetheld.call("prune", "--yes", "--json"))["orphans"], 1, "orphans")
    equal(set(listing(aetheld)), {first, second}, "listed")
    aetheld.call("verify", "--all")


def no_space(scratch, server):
    """A file system that is really full, where one may be mounted."""
    place = scratch.folder / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs", place], capture_output=True).returncode != 0:
        print("        skipped: nothing can be mounted here")
        return
    try:
        aetheld = Aetheld(scratch, server, "crash", "space", store=f"    folder: {place}/store\n")
        aetheld.store = place / "store"
        done = aetheld.try_call("run")
        equal(done.returncode, 3, "on a full disk")
        contains(done.stderr, "No space left on device")
        equal(listing(aetheld), {}, "listed")
        subprocess.run(["mount", "-o", "remount,size=400m", place], check=True)
        aetheld.call("run")
        aetheld.call("verify", "latest")
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def torn(scratch, server):
    """Files that a power cut left at half their length, or empty, where a file system gives no more."""
    aetheld = Aetheld(scratch, server, "small", "torn")
    first = json.loads(aetheld.call("run", "--json"))["backup"]
    second = json.loads(aetheld.call("run", "--json"))["backup"]
    manifest = aetheld.store / "manifests" / second
    whole = manifest.read_bytes()
    shutil.copytree(aetheld.store / "objects" / first, aetheld.store / "objects" / "20200101T000000Z-00000000")
    (aetheld.store / ".partial" / "1-2-3").write_bytes(whole[:100])
    for bytes_ in (b"", whole[:1], whole[: len(whole) // 2], whole[:-1], bytes(len(whole))):
        manifest.write_bytes(bytes_)
        out = json.loads(aetheld.try_call("list", "--json").stdout)
        equal([each["id"] for each in out["backups"]], [first], "listed")
        equal([each["id"] for each in out["unreadable"]], [second], "unreadable")
        done = aetheld.try_call("drill", "latest")
        equal(done.returncode, 3, "the newest is not another one")
        contains(done.stderr, f"the newest backup, {second}, cannot be read")
    third = json.loads(aetheld.call("run", "--json"))["backup"]
    equal(aetheld.try_call("verify", "latest").returncode, 0, "the next one")
    older(aetheld.store / "objects" / "20200101T000000Z-00000000")
    contains(aetheld.try_call("prune", "--yes").stderr, f"backup {second} cannot be read")
    manifest.write_bytes(whole)
    equal(set(listing(aetheld)), {first, second, third}, "listed")
    equal(json.loads(aetheld.call("prune", "--yes", "--json"))["orphans"], 1, "orphans")


def killed_in_place(scratch, server):
    """The database of that name is there at any moment, whole: of before, or restored; and the next restore succeeds without help."""
    server.create("place")
    server.psql("place", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    aetheld = Aetheld(scratch, server, "place", "in-place")
    aetheld.call("run")
    arguments = [aetheld.program, "backup", "restore", "latest", "--in-place", "--confirm", "place", "--no-safety-backup", "--quiet"]

    def others(like):
        return server.psql("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{like}'").split()

    def spoil():
        for name in others("place\\_%"):
            server.psql("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')
        server.psql("place", "DELETE FROM t WHERE g > 10")

    spoil()
    begin = time.monotonic()
    subprocess.run(arguments, env=aetheld.environment, cwd=aetheld.folder, check=True, capture_output=True)
    whole = time.monotonic() - begin
    equal(server.psql("place", "SELECT count(*) FROM t"), "1000", "restored")
    moments = random.Random(SEED)
    # The last tenth is where names change; clients of the database come and go all the time.
    begins = [moments.uniform(0, whole) for _ in range(CRASHES // 2)] + [moments.uniform(0.85 * whole, 1.05 * whole) for _ in range(CRASHES)]
    client = subprocess.Popen([sys.executable, "-c", CLIENT, server.bin / "psql", server.url("place")], stdout=subprocess.PIPE, text=True, env=server.environment)
    states = set()
    try:
        for number, moment in enumerate(begins):
            spoil()
            process = subprocess.Popen(arguments, env=aetheld.environment, cwd=aetheld.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moment)
            process.kill()
            process.wait()
            left_behind(scratch, server)
            count = server.psql("place", "SELECT count(*) FROM t")
            equal(count in ("10", "1000"), True, f"kill {number} at {moment:.3f} s: {count} rows")
            states.add((count, bool(others("place\\_restoring\\_%"))))
    finally:
        client.terminate()
        client.wait()
    spoil()
    subprocess.run(arguments, env=aetheld.environment, cwd=aetheld.folder, check=True, capture_output=True)
    equal(server.psql("place", "SELECT count(*) FROM t"), "1000", "the next restore")
    print(f"        {len(begins)} kills of a restore in place within {whole:.1f} s: {sorted(states)}", flush=True)


CLIENT = """
import subprocess, sys
while True:
    subprocess.run([sys.argv[1], "-X", "-q", "-d", sys.argv[2], "-c", "SELECT pg_sleep(0.01)"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
"""


def killed_while_it_removes(scratch, server):
    """What retention keeps is untouched; what it removes is listed and whole, or not listed; the next prune removes the rest."""
    aetheld = Aetheld(scratch, server, "small", "prune", "  retention: {last: 7, daily: 0, weekly: 0, monthly: 0, proven: 1}\n")
    made = [json.loads(aetheld.call("run", "--json"))["backup"] for _ in range(10)]
    aetheld.call("drill", made[-1])
    whole = scratch.folder / "prune-store"
    shutil.copytree(aetheld.store, whole)
    # Three of ten: of more in one go it wants to hear that it is meant.
    kept = {each["backup"] for each in json.loads(aetheld.call("prune", "--json"))["decisions"] if each["keep"]}
    equal(kept, set(made[3:]), "what is to stay")
    arguments = [aetheld.program, "backup", "prune", "--yes", "--quiet"]
    begin = time.monotonic()
    first = subprocess.run(arguments, env=aetheld.environment, cwd=aetheld.folder, capture_output=True, text=True)
    took = time.monotonic() - begin
    equal(set(listing(aetheld)), kept, first.stderr)
    seen = set()
    moments = random.Random(SEED)
    manifests = aetheld.store / "manifests"
    # Two of three when the first manifests are gone, the others at any moment.
    for number in range(CRASHES * 2):
        shutil.rmtree(aetheld.store)
        shutil.copytree(whole, aetheld.store)
        process = subprocess.Popen(arguments, env=aetheld.environment, cwd=aetheld.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if number % 3:
            while process.poll() is None and len(os.listdir(manifests)) > len(made) - number % 3:
                pass
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0.3 * took, 1.05 * took))
        process.kill()
        process.wait()
        now = set(listing(aetheld))
        equal(kept <= now, True, f"kill {number}: {kept - now} is gone")
        for backup in now:
            names = {path.relative_to(whole) for path in (whole / "objects" / backup).rglob("*")}
            equal({path.relative_to(aetheld.store) for path in (aetheld.store / "objects" / backup).rglob("*")}, names, f"kill {number}: {backup} is listed")
        seen.add(len(now))
        subprocess.run(arguments, env=aetheld.environment, cwd=aetheld.folder, check=True, capture_output=True)
        equal(set(listing(aetheld)), kept, f"kill {number}: the next prune")
    equal(bool(seen - {len(kept), len(made)}), True, f"none was killed in the middle: {seen}")
    print(f"        {CRASHES * 2} kills of a prune within {took:.1f} s left {sorted(seen)} of {len(made)} backups", flush=True)


ALWAYS = 1 << 30


def answers_lost(scratch, server):
    with Bucket(scratch, server, "answers") as bucket:
        aetheld = bucket.aetheld
        first = json.loads(aetheld.call("run", "--json"))["backup"]

        # Of objects and of the manifest, once each: the next attempt finds its own bytes there.
        bucket.faults({"what": "lost", "method": "PUT", "key": "objects/", "times": 2}, {"what": "lost", "method": "PUT", "key": "manifests/"})
        second = json.loads(aetheld.call("run", "--json"))["backup"]
        equal(aetheld.try_call("verify", second).returncode, 0, "after lost answers")

        # Of the manifest, and then no attempt comes through: it is read back, and it is there.
        bucket.faults({"what": "lost", "method": "PUT", "key": "manifests/"},
                      {"what": "error", "status": 503, "code": "SlowDown", "method": "PUT", "key": "manifests/", "times": ALWAYS})
        third = json.loads(aetheld.call("run", "--json"))["backup"]
        equal(aetheld.try_call("verify", third).returncode, 0, "read back")

        # It cannot be read back either: nobody knows, and so nothing of it is removed.
        bucket.faults({"what": "lost", "method": "PUT", "key": "manifests/"},
                      {"what": "error", "status": 503, "code": "SlowDown", "method": "PUT", "key": "manifests/", "times": ALWAYS},
                      {"what": "error", "status": 503, "code": "SlowDown", "method": "GET", "key": "manifests/", "times": ALWAYS})
        done = aetheld.try_call("run")
        equal(done.returncode, 3, "unknown")
        contains(done.stderr, "is not known")
        bucket.faults()
        now = listing(aetheld)
        equal(len(now), 4, "the fourth exists all the same")
        for backup in now:
            equal(aetheld.try_call("verify", backup).returncode, 0, f"{backup} of {first} and others")

        # The manifest is refused: the backup does not exist, and the next one is made without help.
        bucket.faults({"what": "error", "status": 503, "code": "SlowDown", "method": "PUT", "key": "manifests/", "times": ALWAYS})
        equal(aetheld.try_call("run").returncode, 3, "no manifest")
        bucket.faults()
        equal(set(listing(aetheld)), set(now), "no manifest")
        aetheld.call("run")

        # Objects fail half-way: what was stored of it is gone.
        stored = bucket.objects()
        bucket.faults({"what": "error", "status": 507, "code": "InsufficientStorage", "method": "PUT", "key": "catalog", "times": ALWAYS})
        equal(aetheld.try_call("run").returncode, 3, "no catalog")
        bucket.faults()
        equal(bucket.objects(), stored, "objects")


def reading(scratch, server):
    """A store that fails while a backup is read says nothing of the backup."""
    with Bucket(scratch, server, "reading") as bucket:
        aetheld = bucket.aetheld
        backup = json.loads(aetheld.call("run", "--json"))["backup"]
        for what in ("flip_down", "reset_down", "short_down", "error"):
            bucket.faults({"what": what, "method": "GET", "key": "objects/", "status": 500, "code": "InternalError"})
            equal(aetheld.try_call("verify", backup).returncode, 0, f"{what}, once")
        bucket.faults({"what": "error", "status": 503, "code": "SlowDown", "method": "GET", "key": "objects/", "times": ALWAYS})
        done = aetheld.try_call("verify", backup)
        equal(done.returncode, 3, "a store that does not answer")
        contains(done.stderr, "cannot be proven here")
        bucket.faults()
        out = json.loads(aetheld.call("list", "--json"))["backups"][0]
        equal((out["proven"], out["failed"]), ("L2", None), "and nothing is held against it")


with Scratch() as scratch:
    server = scratch.server(18)
    # Of what does not compress well, so that there is time to be killed in.
    for name, rows in (("crash", 100_000), ("kills", ROWS)):
        server.create(name)
        server.psql(name, f"CREATE TABLE t AS SELECT g, md5(g::text) || md5((g + 1)::text) AS v FROM generate_series(1, {rows}) g;"
                          "CREATE INDEX ON t (v); CREATE SCHEMA aethel; CREATE TABLE aethel.canary (id integer PRIMARY KEY CHECK (id = 1),"
                          " nonce text NOT NULL, written timestamptz NOT NULL);")
    server.create("small")
    server.psql("small", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
    cases.case("lost answers", answers_lost, scratch, server)
    cases.case("failing reads", reading, scratch, server)
    cases.case("torn files", torn, scratch, server)
    cases.case("a full disk", no_space, scratch, server)
    cases.case("files that may not grow", full, scratch, server)
    cases.case(f"kill -9 at {CRASHES} moments", killed, scratch, server)
    cases.case("kill -9 of a restore in place", killed_in_place, scratch, server)
    cases.case("kill -9 of a prune", killed_while_it_removes, scratch, server)
cases.finish()
