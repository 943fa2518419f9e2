"""aetheld serve as a process, and what tests ask of it."""

import http.client
import json
import re
import signal
import socket
import subprocess
import time

from servers import Failed, equal


class Serving:
    def __init__(self, aetheld, more=None):
        if more is not None:
            one, two = free_ports(2)
            aetheld.config.write_text(aetheld.config.read_text() + more.format(port=one, metrics_port=two))
        self.process = subprocess.Popen([aetheld.program, "serve"], env=aetheld.environment, cwd=aetheld.folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"API on 127\.0\.0\.1:(\d+), metrics on 127\.0\.0\.1:(\d+)", line)
        if not found:
            raise Failed(f"aetheld serve said {line!r} {self.process.stderr.read()!r}")
        self.port = int(found.group(1))
        self.metrics_port = int(found.group(2))

    def get(self, path, port=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=5)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def until(self, path, status, limit):
        """Seconds until a path answers with a status."""
        begin = time.monotonic()
        while True:
            got = self.get(path)[0]
            if got == status:
                return time.monotonic() - begin
            if time.monotonic() - begin > limit:
                raise Failed(f"{path} answers {got}, not {status}, after {limit} s")
            time.sleep(0.1)

    def stop(self, limit=20):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit)


def until_said(stream, wanted):
    """The lines of a stream up to the one that has these words."""
    lines = []
    while not lines or wanted not in lines[-1]:
        lines.append(stream.readline())
        if not lines[-1]:
            raise Failed(f"{wanted!r} is not said: {lines}")
    return lines


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def new_token(aetheld, name, scopes):
    done = subprocess.run([aetheld.program, "token", name, "--scope", scopes, "--file", aetheld.folder / "tokens"],
                          env=aetheld.environment, capture_output=True, text=True)
    equal(done.returncode, 0, done.stderr)
    return done.stdout.strip()


def call(serving, method, path, token, body=None):
    """The status, the JSON and the headers of a call of the API."""
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), dict(answer.getheaders())
    finally:
        connection.close()


def ended(serving, token, started, limit=120):
    """A job's end, followed where the answer says."""
    status, job, headers = started
    equal(status, 202, job)
    begin = time.monotonic()
    while job["state"] in ("waiting", "running"):
        if time.monotonic() - begin > limit:
            raise Failed(f"the job does not end: {job}")
        time.sleep(0.2)
        job = call(serving, "GET", headers["Location"], token)[1]
    return job
