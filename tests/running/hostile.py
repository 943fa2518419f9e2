"""aetheld serve under requests that are smuggled, too large, too slow or too many, said over raw sockets: each is refused with
its status, or cut off within its stated time, while a client of good will is served."""

import concurrent.futures
import contextlib
import json
import socket
import threading
import time

from servers import Aetheld, Cases, Failed, Scratch, equal
from serving import Serving, call, new_token

# What src/http/server.h states, in seconds, and room for a machine that does other things, too.
HEADER, IDLE, WRITE, CONNECTIONS = 10, 60, 30, 512
ROOM = 4
SERVE = "  schedule: never\nserve:\n  port: {port}\n  metrics_port: {metrics_port}\n  drain: 0s\n"
HOST = b"Host: aetheld\r\n"
cases = Cases()


def connect(port, **options):
    plug = socket.socket()
    for name, value in options.items():
        plug.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    plug.settimeout(IDLE + ROOM + 10)
    plug.connect(("127.0.0.1", port))
    return plug


def read(plug):
    """All until the other end closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while part := plug.recv(65536):
            parts.append(part)
    return b"".join(parts)


def statuses(answer):
    """Of the answers, one after the other, by the lengths that they state."""
    out = []
    while answer:
        head, end, rest = answer.partition(b"\r\n\r\n")
        if not end or not head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")):
            raise Failed(f"no answer of HTTP: {answer[:200]!r}")
        out.append(int(head[9:12]))
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        answer = rest[int(fields[b"content-length"]):]
    return out


def ask(port, request):
    """What is answered until the other end closes, which it has to do soon."""
    with connect(port) as plug:
        plug.settimeout(ROOM)
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            plug.sendall(request)
        return read(plug)


def post(fields, body=b"", version=b"1.1"):
    return b"POST /api/backup HTTP/" + version + b"\r\n" + HOST + fields + b"\r\n" + body


# A second request hides in each body: who reads the lengths otherwise would answer it.
HIDDEN = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLED = {
    "Content-Length and Transfer-Encoding": (400, post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n" + HIDDEN)),
    "Transfer-Encoding and Content-Length": (400, post(CHUNKED + b"Content-Length: 50\r\n", b"0\r\n\r\n" + HIDDEN)),
    "two different lengths": (400, post(b"Content-Length: 0\r\nContent-Length: 50\r\n", HIDDEN)),
    "twice the same length": (400, post(b"Content-Length: 0\r\nContent-Length: 0\r\n", HIDDEN)),
    "a list of lengths": (400, post(b"Content-Length: 0, 50\r\n", HIDDEN)),
    "a length with a sign": (400, post(b"Content-Length: +0\r\n", HIDDEN)),
    "a negative length": (400, post(b"Content-Length: -1\r\n", HIDDEN)),
    "a hexadecimal length": (400, post(b"Content-Length: 0x32\r\n", HIDDEN)),
    "a length beyond 64 bits": (400, post(b"Content-Length: 18446744073709551616\r\n", HIDDEN)),
    "an empty length": (400, post(b"Content-Length: \r\n", HIDDEN)),
    "two codings": (400, post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n" + HIDDEN)),
    "an unknown coding": (400, post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + HIDDEN)),
    "a coding in a list": (400, post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + HIDDEN)),
    "a coding with a blank before the colon": (400, post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + HIDDEN)),
    "a coding in HTTP/1.0": (400, post(CHUNKED, b"0\r\n\r\n" + HIDDEN, b"1.0")),
    "a coding in a folded line": (400, post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + HIDDEN)),
    "a folded host": (400, b"GET /livez HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"),
    "a chunk of no number": (400, post(CHUNKED, b"zz\r\n\r\n" + HIDDEN)),
    "a chunk beyond 64 bits": (400, post(CHUNKED, b"fffffffffffffffff\r\n\r\n" + HIDDEN)),
    "a negative chunk": (400, post(CHUNKED, b"-1\r\n\r\n" + HIDDEN)),
    "a chunk longer than it says": (400, post(CHUNKED, b"1\r\nabc\r\n0\r\n\r\n" + HIDDEN)),
    "a line feed alone after the request line": (400, b"GET /livez HTTP/1.1\n" + HOST + b"\r\n"),
    "a line feed alone after a field": (400, b"GET /livez HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
    "a carriage return in a field": (400, b"GET /livez HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
    "a zero byte in a field": (400, b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n"),
    "a zero byte in a name": (400, b"GET /livez HTTP/1.1\r\n" + HOST + b"X\0: a\r\n\r\n"),
    "a blank in a name": (400, b"GET /livez HTTP/1.1\r\n" + HOST + b"X Y: a\r\n\r\n"),
    "a field without a name": (400, b"GET /livez HTTP/1.1\r\n" + HOST + b": a\r\n\r\n"),
    "a blank before the first field": (400, b"GET /livez HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n"),
    "no host": (400, b"GET /livez HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n"),
    "an absolute target with a user": (400, b"GET http://a@aetheld/livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an absolute target without a host": (400, b"GET http:///livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an authority": (400, b"CONNECT aetheld:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an asterisk": (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a target of two slashes": (400, b"GET //livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a way up": (400, b"GET /a/../livez HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a zero byte in the target": (400, b"GET /livez%00 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a broken escape": (400, b"GET /%zz HTTP/1.1\r\n" + HOST + b"\r\n"),
    "HTTP/2": (505, b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n"),
    "the preface of HTTP/2": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /livez\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64)),
    "a long target": (431, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a long field": (431, b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 20_000 + b"\r\n\r\n"),
    "many fields": (431, b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 4_000 + b"\r\n"),
    "fields without an end": (431, b"GET /livez HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 4_000),
    "a long body": (413, post(b"Content-Length: 70000\r\n", b"a" * 70_000)),
    "a body that is said to be endless": (413, post(b"Content-Length: 18446744073709551615\r\n")),
    "a long body in chunks": (413, post(CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"1000\r\n" + b"a" * 4096 + b"\r\n" * 1
                                        + (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 20)),
}


def refused(serving):
    wrong = []
    for name, (status, request) in SMUGGLED.items():
        # One answer, and the connection is closed: what hides behind it is never read.
        try:
            got = statuses(ask(serving.port, request))
        except TimeoutError:
            got = "an open connection"
        if got != [status]:
            wrong.append(f"{name}: {got}, not {status}")
    if wrong:
        raise Failed("; ".join(wrong))
    print(f"        {len(SMUGGLED)} requests refused", flush=True)


def taken(serving):
    """What is rare and right."""
    port = serving.port
    close = b"Connection: close\r\n\r\n"
    pipelined = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
    equal(statuses(ask(port, pipelined * 50 + b"GET /nothing HTTP/1.1\r\n" + HOST + close)), [200] * 50 + [404], "pipelined")
    whole = ask(port, b"GET /livez HTTP/1.1\r\n" + HOST + close)
    head = ask(port, b"HEAD /livez HTTP/1.1\r\n" + HOST + close)
    length = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length")]
    equal((head.endswith(b"\r\n\r\n"), length[0] in whole), (True, True), "HEAD")
    # An extension of a chunk is forgotten, and the body in chunks is one: no token, so it ends with 401.
    equal(statuses(ask(port, b"POST /api/backup HTTP/1.1\r\n" + HOST + CHUNKED + b"Connection: close\r\n\r\n2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n")),
          [401], "chunks with extensions and trailers")
    for method in (b"PUT", b"DELETE", b"TRACE", b"BREW"):
        equal(statuses(ask(port, method + b" /api/backup HTTP/1.1\r\n" + HOST + close)), [405], method)
    equal(statuses(ask(port, b"GET /livez HTTP/1.0\r\n\r\n")), [200], "HTTP/1.0, which closes")


def expects(serving):
    """Whoever waits for 100 before its body gets it, or at once what it would get after it."""
    with connect(serving.port) as plug:
        begin = time.monotonic()
        plug.sendall(post(b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n"))
        first = plug.recv(65536)
        equal(first, b"HTTP/1.1 100 Continue\r\n\r\n", "the word to go on")
        plug.sendall(b"{}")
        equal(statuses(read(plug)), [401], "after the body")
        equal(time.monotonic() - begin < ROOM, True, "soon")
    equal(statuses(ask(serving.port, post(b"Content-Length: 70000\r\nExpect: 100-continue\r\n"))), [413], "a body that may not come")
    equal(statuses(ask(serving.port, post(b"Content-Length: 2\r\nExpect: a-miracle\r\n", b"{}"))), [417], "another expectation")


def dripped(port, begin, drop):
    """Bytes that come one by one: cut off when the time of a request is over, counted from its first byte."""
    with connect(port) as plug:
        plug.sendall(begin)
        start = time.monotonic()
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while time.monotonic() - start < HEADER + ROOM + 10:
                plug.sendall(drop)
                time.sleep(0.5)
        return time.monotonic() - start


def silent(port, before=b""):
    """Bytes before, then nothing."""
    with connect(port) as plug:
        plug.sendall(before)
        start = time.monotonic()
        read(plug)
        return time.monotonic() - start


def greedy(port):
    """It asks for much and reads nothing of it."""
    with connect(port, SO_RCVBUF=4096) as plug:
        plug.setblocking(False)
        start = time.monotonic()
        request = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
        while time.monotonic() - start < WRITE + ROOM + 20:
            try:
                plug.send(request * 100)
            except BlockingIOError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                return time.monotonic() - start
            time.sleep(0.2)
        return time.monotonic() - start


def slow(serving):
    port = serving.port
    tries = {
        "a request line that drips": (HEADER, dripped, (port, b"GET /", b"a")),
        "headers that drip": (HEADER, dripped, (port, b"GET /livez HTTP/1.1\r\n" + HOST, b"X: a\r\n")),
        "a body that drips": (HEADER, dripped, (port, post(b"Content-Length: 60000\r\n"), b"a")),
        "chunks that drip": (HEADER, dripped, (port, post(CHUNKED), b"1\r\na\r\n")),
        "silence": (HEADER, silent, (port,)),
        "half a request": (HEADER, silent, (port, b"GET /livez HTT")),
        "half a body": (HEADER, silent, (port, post(b"Content-Length: 9\r\n", b"{"))),
        "an idle connection": (IDLE, silent, (port, b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n")),
        "answers that nobody reads": (WRITE, greedy, (port,)),
    }
    with concurrent.futures.ThreadPoolExecutor(len(tries)) as pool:
        running = {name: (limit, pool.submit(function, *given)) for name, (limit, function, given) in tries.items()}
        took = {name: (limit, task.result()) for name, (limit, task) in running.items()}
    for name, (limit, seconds) in took.items():
        print(f"        {name}: closed after {seconds:.1f} s of {limit} s", flush=True)
    wrong = [name for name, (limit, seconds) in took.items() if not limit - 1 <= seconds <= limit + ROOM]
    equal(wrong, [], "cut off at another time")


def many(serving):
    """More connections than there may be: whoever says nothing goes, and whoever asks is answered."""
    with contextlib.ExitStack() as stack:
        for number in range(CONNECTIONS + 100):
            plug = stack.enter_context(connect(serving.port))
            if number % 2:
                plug.sendall(b"GET /livez HTTP/1.1\r\nHost: ")
        longest = 0.0
        for _ in range(20):
            begin = time.monotonic()
            equal(serving.get("/livez")[0], 200, "among many")
            longest = max(longest, time.monotonic() - begin)
        print(f"        among {CONNECTIONS + 100} connections the slowest answer took {longest:.2f} s", flush=True)
        equal(longest < HEADER / 2, True, f"{longest} s")


def strangers(serving, token):
    for word in ("", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", f"Basic {token}", f"bearer  {token}", f"Bearer {token}x",
                 f"Bearer {token[:-1]}"):
        equal(serving.get("/api/backup", **({"Authorization": word} if word else {}))[0], 401, word)
    equal(statuses(ask(serving.port, b"GET /api/backup HTTP/1.1\r\n" + HOST + b"Authorization: Bearer " + b"a" * 8000
                       + b"\r\nConnection: close\r\n\r\n")), [401], "a long token")
    # Of an address: ten at once, then one a second.
    got = [serving.get("/api/backup", Authorization="Bearer guess")[0] for _ in range(30)]
    equal(set(got) <= {401, 429} and got.count(429) >= 15, True, got)
    status, _, headers = call(serving, "GET", "/api/backup", "guess")
    equal((status, int(headers["Retry-After"]) >= 1), (429, True), "how long to wait")
    # Who has a token is not held up by those.
    equal(call(serving, "GET", "/api/backup", token)[0], 200)
    got = [serving.get("/api/jobs", Authorization=f"Bearer {token}")[0] for _ in range(80)]
    equal(set(got) == {200, 429}, True, got)


class Client:
    """One of good will: it asks all the time, on a connection of its own each, and none may fail."""

    def __init__(self, serving):
        self.serving, self.over, self.wrong, self.longest, self.asked = serving, False, [], 0.0, 0
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()

    def loop(self):
        while not self.over:
            begin = time.monotonic()
            try:
                status = self.serving.get("/livez")[0]
            except OSError as failure:
                status = repr(failure)
            self.asked += 1
            self.longest = max(self.longest, time.monotonic() - begin)
            if status != 200:
                self.wrong.append(status)
            time.sleep(0.02)

    def end(self):
        self.over = True
        self.thread.join()


def main(scratch):
    server = scratch.server(18)
    server.create("app")
    aetheld = Aetheld(scratch, server, "app", "hostile")
    token = new_token(aetheld, "ops", "read")
    serving = Serving(aetheld, f"{SERVE}  tokens: {aetheld.folder}/tokens\n  audit: {aetheld.folder}/audit\n")
    try:
        serving.until("/readyz", 200, 10)
        client = Client(serving)
        try:
            for case in (refused, taken, expects, slow, many):
                cases.case(case.__name__, case, serving)
            cases.case("strangers", strangers, serving, token)
        finally:
            client.end()

        def served():
            equal((client.wrong, client.asked > 500, client.longest < HEADER / 2), ([], True, True), f"{client.asked}, {client.longest:.1f} s")
            print(f"        {client.asked} requests of good will, the slowest {client.longest:.2f} s", flush=True)
            for line in (aetheld.folder / "audit").read_text().splitlines():
                equal(token in line or "guess" in json.loads(line).values(), False, line)

        cases.case("served meanwhile", served)
    finally:
        equal(serving.stop(), 0, "the end")
    equal(serving.process.stderr.read(), "", "what it complained of")


with Scratch() as scratch:
    main(scratch)
cases.finish()
