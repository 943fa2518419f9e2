"""What the checks of aetheld serve look at, as real servers on loopback that can be stopped, killed and started again; and
aetheld serve beside them."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from servers import Failed, equal, run

EVERY, TIMEOUT, FAILURES = 0.5, 0.6, 2
# What the documentation states, and room for a machine that does other things, too.
FLIPS = FAILURES * (1.1 * EVERY + TIMEOUT)
RECOVERS = TIMEOUT + (1.1 * EVERY + TIMEOUT)
ROOM = 3.0
SECRETS = ("first-password", "second-password")

WEBSOCKET = """
import asyncio, ssl, sys
from websockets.asyncio.server import serve
async def echo(connection):
    async for message in connection:
        await connection.send(message)
async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    async with serve(echo, "127.0.0.1", int(sys.argv[1])), serve(echo, "127.0.0.1", int(sys.argv[2]), ssl=context):
        print("ready", flush=True)
        await asyncio.get_running_loop().create_future()
asyncio.run(main())
"""


def free_ports(count):
    import socket
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def eventually(what, condition, limit=20.0):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"not within {limit} s: {what}")
        time.sleep(0.05)


class Certificates:
    """An authority, and certificates for 127.0.0.1 that last for so many days."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / "ca.pem"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "400",
             "-subj", "/CN=authority", "-keyout", folder / "ca.key", "-out", self.ca])

    def make(self, name, begin, end):
        """Of a time in days from now."""
        key, pem = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        database = self.folder / "database"
        shutil.rmtree(database, ignore_errors=True)
        database.mkdir()
        (database / "index").touch()
        (database / "ca.cnf").write_text(
            f"[ca]\ndefault_ca = d\n[d]\ndatabase = {database}/index\nnew_certs_dir = {database}\nserial = {database}/serial\n"
            "default_md = sha256\npolicy = p\nx509_extensions = e\nunique_subject = no\n[p]\ncommonName = supplied\n"
            "[e]\nsubjectAltName = IP:127.0.0.1\n")
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
             "-keyout", key, "-out", database / "request"])
        stamp = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400)) for days in (begin, end)]
        run(["openssl", "ca", "-batch", "-notext", "-rand_serial", "-config", database / "ca.cnf", "-cert", self.ca,
             "-keyfile", self.folder / "ca.key", "-in", database / "request", "-out", pem, "-startdate", stamp[0],
             "-enddate", stamp[1]])
        return pem, key


class Program:
    """A server that can be stopped, continued, killed and started again."""

    def __init__(self, arguments, folder, ready=None, environment=None):
        self.arguments, self.folder, self.ready = [str(each) for each in arguments], folder, ready
        self.environment = environment
        self.start()

    def start(self, *more):
        self.process = subprocess.Popen(self.arguments + list(more), cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment)
        # Read in the background: a full pipe would stop the server.
        self.said = []
        threading.Thread(target=lambda out: self.said.extend(iter(out.readline, b"")), args=(self.process.stdout,),
                         daemon=True).start()
        if self.ready:
            eventually(f"{self.arguments[0]} is ready", lambda: self.ready() or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise Failed(f"{self.arguments[0]} ended: {b''.join(self.said).decode()}")

    def family(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        return [self.process.pid, *map(int, children)]

    def signal(self, number):
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.process.wait()


def listens(port):
    import socket
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Serving:
    """aetheld serve, whose liveness is asked all the time."""

    def __init__(self, aetheld):
        self.process = subprocess.Popen([aetheld.program, "serve"], env=aetheld.environment, cwd=aetheld.folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"serving health.*? on 127\.0\.0\.1:(\d+)", line)
        if not found:
            raise Failed(f"aetheld serve said {line!r} {self.process.stderr.read()!r}")
        self.port = int(found.group(1))
        self.bodies, self.live, self.asked, self.over = [], set(), 0, False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode()
            self.bodies.append(body)
            return answer.status, json.loads(body)
        finally:
            connection.close()

    def watch(self):
        while not self.over:
            try:
                self.live.add(self.get("/livez")[0])
            except OSError as failure:
                self.live.add(repr(failure))
            self.asked += 1
            time.sleep(0.1)

    def check(self, name):
        return self.get("/readyz?verbose")[1]["checks"][name][0]

    def until(self, name, wanted, limit, what):
        """Seconds until a check has a state; the state of all together is that of the worst."""
        begin = time.monotonic()
        while True:
            got = self.check(name)
            took = time.monotonic() - begin
            if got["status"] == wanted:
                if wanted == "fail":
                    equal(self.get("/readyz")[0], 503, f"/readyz, {what}")
                else:  # others may come back a moment later
                    eventually(f"/readyz, {what}", lambda: self.get("/readyz")[1]["status"] == wanted, RECOVERS + ROOM)
                if took > limit + ROOM:
                    raise Failed(f"{what}: {took:.1f} s, and {limit:.1f} s are stated")
                return took
            if took > 30:
                raise Failed(f"{what}: {name} is {got}")
            time.sleep(0.05)

    def stop(self):
        self.over = True
        self.thread.join()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
        return self.process.stdout.read() + self.process.stderr.read()


class Cache:
    """A Redis or Valkey with a user "app", and the file of its address, which holds a password."""

    def __init__(self, server, port, folder, start, common):
        self.port, self.address = port, folder / f"{server}-url"
        acl, data = folder / f"{server}.acl", folder / server
        acl.write_text("user default off\nuser app on >first-password ~* +@all\n")
        data.mkdir()
        self.program = start([server, "--port", port, "--aclfile", acl, "--dir", data, "--enable-debug-command", "local", *common],
                             folder, ready=lambda: listens(port))
        self.give("first-password")

    def give(self, password):
        self.address.write_text(f"redis://app:{password}@127.0.0.1:{self.port}\n")

    def admin(self, *words):
        """As the user itself, by whichever password is right."""
        for password in SECRETS:
            done = subprocess.run(["redis-cli", "-p", str(self.port), "--user", "app", "--pass", password,
                                   "--no-auth-warning", *words], capture_output=True, text=True)
            if done.returncode == 0 and "WRONGPASS" not in done.stdout + done.stderr and "NOAUTH" not in done.stdout:
                return done.stdout
        raise Failed("no password is right")


class World:
    def __init__(self, scratch, stack):
        self.folder = scratch.folder / "world"
        self.folder.mkdir()
        self.certificates = Certificates(self.folder)
        self.pem, self.key = self.certificates.make("server", -1, 90)
        ports = free_ports(9)
        (self.cache_port, self.valkey_port, self.tls_port, self.http_port, self.https_port, self.ws_port, self.wss_port, self.port,
         self.metrics_port) = ports

        def start(*arguments, **more):
            program = Program(*arguments, **more)
            stack.callback(program.kill)
            return program

        common = ["--bind", "127.0.0.1", "--save", "", "--daemonize", "no"]
        self.cache = Cache("redis-server", self.cache_port, self.folder, start, common)
        self.valkey = Cache("valkey-server", self.valkey_port, self.folder, start, common)
        self.tls = start(["redis-server", "--port", 0, "--tls-port", self.tls_port, "--tls-cert-file", self.pem,
                          "--tls-key-file", self.key, "--tls-ca-cert-file", self.certificates.ca, "--tls-auth-clients",
                          "no", *common], self.folder, ready=lambda: listens(self.tls_port))
        self.live_pem, self.live_key = self.folder / "live.pem", self.folder / "live.key"
        self.present(self.pem, self.key)
        config = self.folder / "nginx.conf"
        config.write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log stderr error;\n"
            "events { worker_connections 64; }\n"
            f"http {{ access_log off; client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p;\n"
            f"fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;\n"
            f"server {{ listen 127.0.0.1:{self.http_port}; location / {{ return 200 'ok'; }}\n"
            f"location /broken {{ return 500; }} }}\n"
            f"server {{ listen 127.0.0.1:{self.https_port} ssl; ssl_certificate {self.live_pem};\n"
            f"ssl_certificate_key {self.live_key}; location / {{ return 200 'ok'; }} }} }}\n")
        self.nginx = start(["nginx", "-e", "stderr", "-p", self.folder, "-c", config], self.folder,
                           ready=lambda: listens(self.https_port))
        self.sockets = start([sys.executable, "-c", WEBSOCKET, self.ws_port, self.wss_port, self.pem, self.key],
                             self.folder, ready=lambda: listens(self.wss_port))
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", self.disk],
                                      capture_output=True).returncode == 0
        if self.mounted:
            stack.callback(lambda: subprocess.run(["umount", "-l", self.disk], check=False))

    def present(self, pem, key):
        shutil.copy(pem, self.live_pem)
        shutil.copy(key, self.live_key)

    def checks(self):
        ca = self.certificates.ca
        rest = f"every: {int(EVERY * 1000)}ms, timeout: {int(TIMEOUT * 1000)}ms, failures: {FAILURES}"
        disk = f"path: '{self.disk}', fail_below: 20%, warn_below: 50%" if self.mounted else "path: /, fail_below: 1M"
        return f"""serve:
  port: {self.port}
  metrics_port: {self.metrics_port}
  drain: 1s
  checks:
    cache: {{kind: redis, address: {{file: '{self.cache.address}'}}, role: primary, {rest}}}
    valkey: {{kind: redis, address: {{file: '{self.valkey.address}'}}, role: primary, {rest}}}
    cache-tls: {{kind: redis, url: 'rediss://127.0.0.1:{self.tls_port}', ca_file: '{ca}', {rest}}}
    web: {{kind: http, url: 'http://127.0.0.1:{self.http_port}/', status: [200], {rest}}}
    web-tls: {{kind: http, url: 'https://127.0.0.1:{self.https_port}/', ca_file: '{ca}', hard: false, {rest}}}
    chat: {{kind: websocket, url: 'ws://127.0.0.1:{self.ws_port}/', {rest}}}
    chat-tls: {{kind: websocket, url: 'wss://127.0.0.1:{self.wss_port}/', ca_file: '{ca}', {rest}}}
    certificate: {{kind: certificate, url: 'tls://127.0.0.1:{self.https_port}', ca_file: '{ca}', {rest}}}
    other-database: {{kind: postgresql, address: {{variable: OTHER_URL}}, role: primary, {rest}}}
    disk: {{kind: disk, {disk}, {rest}}}
"""
