"""Builds the image by the line of docs/serve.md, makes its files and keys by the page's commands, and runs it by the next: what it may, what
it answers, that it makes and proves a backup, and how it ends."""

import ctypes
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

sys.path.insert(0, "tools/prove")

from pages import block_of
from servers import Failed, Scratch, contains, equal, run
from service import Table, get, is_ready, prove_backup, until

WORK, LOGS = pathlib.Path(os.environ["WORK"]), pathlib.Path(os.environ["LOGS"])
MAJOR = os.environ["POSTGRESQL"] or "18"
BUILD, RUN = block_of("docs/serve.md", "docker build --file packaging/Dockerfile --tag aetheld .").split("\n", 1)
FILES = (block_of("docs/serve.md", "cat > aethel.yaml <<'END'"),
         block_of("docs/serve.md", "(umask 077 && echo DATABASE_URL=postgresql://aethel:PASSWORD@db.example.org/shop > aetheld.env)"))
KEYS = block_of("docs/serve.md", "in_image() {")
table = Table()


def build():
    """In a clean checkout: what the file copies is what the build needs."""
    line = BUILD
    if os.environ["POSTGRESQL"]:
        line = line.replace("--tag", f"--build-arg POSTGRESQL={os.environ['POSTGRESQL']} --tag")
    begin = time.monotonic()
    with open(LOGS / "build", "wb") as log:
        done = subprocess.run(line, shell=True, cwd=WORK / "tree", stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=3600)
    if done.returncode != 0:
        raise Failed(f"{line} ended with {done.returncode}: {LOGS}/build")
    image = json.loads(run(["podman", "image", "inspect", "aetheld"]))[0]
    equal(image["Config"]["User"], "65532:65532", "its user")
    equal(bool(image.get("Healthcheck") or image.get("HealthCheck") or image["Config"].get("Healthcheck")), True, "its health check")
    return f"{time.monotonic() - begin:.0f} s, {image['Size'] / 2**20:.0f} MiB, with PostgreSQL {os.environ['POSTGRESQL'] or 'of every major'}"


def leave_the_network():
    """From here on a loopback of its own, where the usual ports are free."""
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        raise Failed(f"unshare: {os.strerror(ctypes.get_errno())}")
    run(["ip", "link", "set", "lo", "up"])


class Container:
    """The page's line, in a folder with what it names."""

    def __init__(self, scratch):
        self.folder = scratch.folder / "container"
        self.folder.mkdir()
        server = scratch.server(int(MAJOR), settings=("listen_addresses=127.0.0.1",))
        server.create("shop")
        server.psql("shop", "CREATE TABLE orders AS SELECT g AS id, md5(g::text) FROM generate_series(1, 100000) g")
        for each in FILES:
            self.shell(each.replace("aethel:PASSWORD@db.example.org", "postgres@127.0.0.1").replace("database: main\n", "database: main\n  schedule: never\n"))
        contains((self.folder / "aethel.yaml").read_text(), "schedule: never")
        contains((self.folder / "aetheld.env").read_text(), "@127.0.0.1/")

    def shell(self, commands):
        return run(["sh", "-eu", "-c", commands], cwd=self.folder)

    def command(self, *words):
        """The line, and what it runs in the place of what the image runs."""
        line = RUN.replace("docker run", "docker run --name aetheld" if not words else "docker run --rm")
        return f"exec {line} {' '.join(shlex.quote(each) for each in words)}"

    def call(self, *words):
        return run(["sh", "-c", self.command(*words)], cwd=self.folder)

    def start(self):
        self.log = open(LOGS / "run", "wb")
        self.process = subprocess.Popen(["sh", "-c", self.command()], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)


def keys(container):
    said = container.call("aetheld", "--version")
    contains(said, "aetheld ")
    printed = container.shell(KEYS)
    found = re.findall(r"^(BACKUP_\w+_KEY=\S+)$", (container.folder / "aetheld.env").read_text(), re.MULTILINE)
    equal(len(found), 2, "keys of `backup init --print`")
    kit = (container.folder / "aethel-recovery-kit.txt").read_text()
    contains(kit, "aethel-private-")
    equal((kit.split()[:2], "BACKUP_SIGNING_KEY=" in kit), (["RECOVERY", "KIT"], False), "the kit's file")
    if "bad " in printed:
        raise Failed(f"`check` in the image finds something:\n{printed}")
    # The token comes last.
    return printed.strip().split("\n")[-1]


def lives(container):
    container.start()
    took = until("ready", is_ready, 60)
    contains(get("/metrics", port=9400)[1], "aethel_")
    status = run(["podman", "exec", "aetheld", "cat", "/proc/1/status"])
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    equal(set(lines["Uid"].split()), {"65532"}, "whose process")
    equal([int(lines[kind], 16) for kind in ("CapPrm", "CapEff", "CapBnd")], [0, 0, 0], "capabilities")
    equal(subprocess.run(["podman", "exec", "aetheld", "touch", "/etc/x"], capture_output=True).returncode != 0, True, "its system is read-only")
    run(["podman", "healthcheck", "run", "aetheld"])
    return f"ready in {took:.1f} s as user 65532 without capabilities, on a read-only system; its health check passes"


def ends(container):
    begin = time.monotonic()
    run(["docker", "stop", "aetheld"])
    took = time.monotonic() - begin
    equal(container.process.wait(20), 0, f"its end: {LOGS}/run")
    if took > 9.5:
        raise Failed(f"it took {took:.1f} s, and Docker kills after 10")
    return f"{took:.1f} s, of which 5 are its drain; it ends with 0"


def main():
    with Scratch() as scratch:
        table.row("`docker build`", build)
        leave_the_network()
        container = Container(scratch)
        token = table.value("keys and a token", keys, container)
        table.row("`docker run`", lives, container)
        table.row("a backup", prove_backup, token)
        table.row("`docker stop`", ends, container)
    commit = run(["git", "rev-parse", "--short", "HEAD"], cwd=WORK / "tree").strip()
    table.finish(f"{run(['podman', '--version']).strip()}; commit {commit}.")


main()
