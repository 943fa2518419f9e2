"""aetheld serve beside what it depends on, which hangs, dies, loads, fills up and expires: liveness never flips, readiness
flips within its stated time and recovers. The times are those of docs/configuration.md."""

import contextlib
import os
import signal
import subprocess
import time

from checks_world import FLIPS, RECOVERS, ROOM, SECRETS, Serving, World, eventually
from servers import Aetheld, Cases, Failed, Scratch, contains, equal

cases = Cases()


def flips(serving, name, begin, end, what):
    begin()
    try:
        flipped = serving.until(name, "fail", FLIPS, what)
    finally:
        end()
    recovered = serving.until(name, "pass", RECOVERS, f"{what}, and back")
    print(f"        {what}: not ready after {flipped:.1f} s, ready again after {recovered:.1f} s", flush=True)


def hangs(program):
    return (lambda: program.signal(signal.SIGSTOP)), (lambda: program.signal(signal.SIGCONT))


def tls(world, serving):
    flips(serving, "cache-tls", *hangs(world.tls), "a Redis with TLS that hangs")
    flips(serving, "cache-tls", world.tls.kill, world.tls.start, "a Redis with TLS that died")


def cache(serving, name, cache, kind):
    flips(serving, name, *hangs(cache.program), f"a {kind} that hangs")

    # The password is changed at the server, then in the file: no restart.
    flips(serving, name, lambda: cache.admin("ACL", "SETUSER", "app", "resetpass", ">second-password"),
          lambda: cache.give("second-password"), "a password that was changed")
    cache.admin("ACL", "SETUSER", "app", "resetpass", ">first-password")
    cache.give("first-password")
    serving.until(name, "pass", FLIPS, "the first password")

    # A replica is no primary.
    flips(serving, name, lambda: cache.admin("REPLICAOF", "127.0.0.1", "1"),
          lambda: cache.admin("REPLICAOF", "NO", "ONE"), f"a {kind} that became a replica")

    # Loading: it takes connections, and has nothing yet.
    cache.admin("DEBUG", "POPULATE", "4000")
    cache.admin("SAVE")
    cache.program.kill()
    cache.program.start("--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024")
    serving.until(name, "fail", FLIPS, f"a {kind} that loads")
    eventually("it says that it loads", lambda: serving.check(name).get("output") == "it loads its data", 5)
    end = time.monotonic()
    eventually("the data is there", lambda: "\nloading:0" in cache.admin("INFO", "persistence"), 60)
    loaded = time.monotonic() - end
    recovered = serving.until(name, "pass", RECOVERS, "what has loaded")
    print(f"        a {kind} that loads: not ready for {loaded:.1f} s, ready again {recovered:.1f} s after it", flush=True)


def web(world, serving):
    # The kernel still accepts: a half-open peer for HTTP, TLS and the certificate at once.
    world.nginx.signal(signal.SIGSTOP)
    try:
        flipped = serving.until("web", "fail", FLIPS, "an nginx that hangs")
        eventually("the soft one degrades", lambda: serving.check("web-tls")["status"] == "warn", FLIPS + ROOM)
        eventually("the certificate is not seen", lambda: serving.check("certificate")["status"] == "fail", FLIPS + ROOM)
    finally:
        world.nginx.signal(signal.SIGCONT)
    eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", RECOVERS + ROOM)
    print(f"        an nginx that hangs: not ready after {flipped:.1f} s", flush=True)
    flips(serving, "web", world.nginx.kill, world.nginx.start, "an nginx that died")


def websocket(world, serving):
    flips(serving, "chat", *hangs(world.sockets), "a WebSocket server that hangs")
    eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", RECOVERS + ROOM)
    flips(serving, "chat-tls", world.sockets.kill, world.sockets.start, "a WebSocket server that died")
    eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", RECOVERS + ROOM)


def certificate(world, serving):
    def show(pem, key):
        world.present(pem, key)
        world.nginx.process.send_signal(signal.SIGHUP)

    try:
        show(*world.certificates.make("soon", -80, 10.5))
        serving.until("certificate", "warn", RECOVERS, "a certificate that is soon over")
        equal(serving.check("certificate")["output"], "its certificate is over in 10 days")
        show(*world.certificates.make("over", -80, -2))
        serving.until("certificate", "fail", FLIPS, "a certificate that is over")
        contains(serving.check("certificate")["output"], "its certificate is over, since ")
        # Whoever asks with TLS does not take it, either.
        eventually("TLS refuses it, too",
                   lambda: serving.check("web-tls").get("output") == "its certificate is not trusted", FLIPS + ROOM)
    finally:
        show(world.pem, world.key)
    serving.until("certificate", "pass", RECOVERS, "a new certificate")
    eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", RECOVERS + ROOM)


def full(path, size):
    with contextlib.suppress(OSError):
        path.write_bytes(b"x" * size)


def disk(world, serving):
    if not world.mounted:
        print("        nothing can be mounted here: the full disk is left to the unit tests", flush=True)
        return
    filler = world.disk / "filler"
    filler.write_bytes(b"x" * 2_500_000)
    serving.until("disk", "warn", RECOVERS, "a disk that fills up")
    flips(serving, "disk", lambda: full(filler, 4_300_000), filler.unlink, "a full disk")


def database(world, serving, server):
    postgres = [server.process.pid]
    children = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True).stdout.split()
    postgres += map(int, children)

    def tell(number):
        for pid in postgres:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    tell(signal.SIGSTOP)
    try:
        flipped = serving.until("other-database", "fail", FLIPS, "a PostgreSQL that hangs")
    finally:
        tell(signal.SIGCONT)
    # The check of the backups' own database comes back when its time is over.
    eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", 30)
    print(f"        a PostgreSQL that hangs: not ready after {flipped:.1f} s", flush=True)


def configuration(aetheld):
    """What is wrong is said with its place before anything is started, and without what is secret."""
    text = aetheld.config.read_text()
    begin = text.index("    cache:")
    line = text[:begin].count("\n") + 1
    try:
        for keys, message in (
                ("kind: redis, url: 'redis://:first-password@127.0.0.1'", "this address holds a secret"),
                ("kind: redis, address: {variable: NOBODY_SET_THIS}", "NOBODY_SET_THIS is not set"),
                ("kind: redis, address: {file: /nobody/was/here}", "cannot read a secret of `serve`"),
                ("kind: radish, url: 'redis://127.0.0.1'", "unknown kind of check"),
                ("kind: redis, url: 'redis://127.0.0.1', every: often", "is not a time")):
            aetheld.config.write_text(text[:begin] + f"    cache: {{{keys}}}\n")
            done = subprocess.run([aetheld.program, "serve"], env=aetheld.environment, cwd=aetheld.folder,
                                  capture_output=True, text=True, timeout=60)
            equal(done.returncode, 2, keys)
            contains(done.stderr, message)
            contains(done.stderr, f"aethel.yaml:{line}:")
            if "first-password" in done.stderr:
                raise Failed("a password is printed")
    finally:
        aetheld.config.write_text(text)


def main(scratch):
    server = scratch.server(18)
    server.create("app")
    aetheld = Aetheld(scratch, server, "app", "checks")
    aetheld.environment["OTHER_URL"] = server.url("app")
    with contextlib.ExitStack() as stack:
        world = World(scratch, stack)
        aetheld.config.write_text(aetheld.config.read_text() + world.checks())
        cases.case("configuration", configuration, aetheld)
        serving = Serving(aetheld)
        try:
            eventually("all is well", lambda: serving.get("/readyz")[1]["status"] == "pass", 15)
            equal(serving.get("/startupz")[0], 200, "startup")
            print(f"        stated: not ready after {FLIPS:.2f} s, ready again after {RECOVERS:.2f} s", flush=True)
            cases.case("Redis", cache, serving, "cache", world.cache, "Redis")
            cases.case("Valkey", cache, serving, "valkey", world.valkey, "Valkey")
            for case in (tls, web, websocket, certificate, disk):
                cases.case(case.__name__, case, world, serving)
            cases.case("database", database, world, serving, server)
        finally:
            said = serving.stop()

        def silence():
            equal(serving.live, {200}, "liveness all the time")
            equal(serving.asked > 50, True, "it was asked")
            everything = said + "".join(serving.bodies)
            for secret in (*SECRETS, "127.0.0.1", str(world.folder), str(world.cache_port)):
                if secret in "".join(serving.bodies):
                    raise Failed(f"{secret} is in an answer")
            for secret in SECRETS:
                if secret in everything:
                    raise Failed("a password was said")

        cases.case("liveness, and no secret", silence)


with Scratch() as scratch:
    main(scratch)
cases.finish()
