#!/usr/bin/env python3
"""Route 53 for one zone, in two halves: zone.py MOTO PORT ZONE TERRAFORM ENVIRONMENT CALLS

On 127.0.0.1:PORT its API: what the role of cert-manager in TERRAFORM (a generated infra/terraform: its iam.tf, with the hosts of that
environment's stack) may not do gets 403, as from AWS; the rest is passed to moto at MOTO. On 127.0.0.1:53 the zone's name server, which answers what moto holds. CALLS gets a line for each call.
"""
import fnmatch
import http.client
import http.server
import pathlib
import re
import socketserver
import struct
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as xml

API = "/2013-04-01"
# moto sees by this which service is meant, and checks no signature.
SCOPE = {"Authorization": "AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0"}
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28, "CAA": 257}


def local(element):
    return element.tag.rpartition("}")[2]


def texts(body, tag):
    return [e.text or "" for e in xml.fromstring(body).iter() if local(e) == tag]


class Policy:
    def __init__(self, terraform, stack):
        start = terraform.index("cert-manager = {")
        depth, end = 0, start
        for end in range(terraform.index("{", start), len(terraform)):
            depth += {"{": 1, "}": -1}.get(terraform[end], 0)
            if depth == 0:
                break
        block = terraform[start:end]
        self.actions = set(re.findall(r'"route53:(\w+)"\]', block))
        self.types = self.list(block, "ChangeResourceRecordSetsRecordTypes")
        self.names = self.list(block, "ChangeResourceRecordSetsNormalizedRecordNames")
        # [for host in var.hosts : "_acme-challenge.${lower(host)}"]
        each = "${lower(host)}"
        if any(each in name for name in self.names):
            hosts = re.findall(r'" : "([^"]+)"', re.search(r"\n  hosts = \{(.*?)\n  \}", stack, re.S).group(1))
            self.names = [name.replace(each, host.lower()) for name in self.names for host in hosts]
        if any("${" in name for name in self.names):
            sys.exit(f"zone.py: not understood: {self.names}")

    @staticmethod
    def list(block, key):
        found = re.search(rf'"route53:{key}"\s*= \[([^\]]*)\]', block)
        if not found:
            sys.exit(f"zone.py: iam.tf has no condition {key}")
        return re.findall(r'"([^"]*)"', found.group(1))

    def refuses(self, action, records):
        if action not in self.actions:
            return f"{action} is not allowed"
        for _, name, kind in records:
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names):
                return f"{action} of {name} is not allowed"
            if not any(fnmatch.fnmatchcase(kind, pattern) for pattern in self.types):
                return f"{action} of {kind} is not allowed"
        return ""


def ask(moto, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(moto, timeout=20)
    connection.request(method, path, body, headers or SCOPE)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), data


def called(method, path, body):
    path = urllib.parse.urlsplit(path).path.removeprefix(API).rstrip("/")
    if (method, path) == ("GET", "/hostedzonesbyname"):
        return "ListHostedZonesByName", []
    if method == "GET" and re.fullmatch(r"/change/\w+", path):
        return "GetChange", []
    if re.fullmatch(r"/hostedzone/\w+/rrset", path):
        if method == "GET":
            return "ListResourceRecordSets", []
        changes = zip(texts(body, "Action"), texts(body, "Name"), texts(body, "Type"), strict=True)
        return "ChangeResourceRecordSets", [(change, name.lower().rstrip("."), kind) for change, name, kind in changes]
    return f"{method} {path}", []


def api(moto, policy, calls):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path == "/":
                self.send_response(204)
                self.end_headers()
                return
            action, records = called(self.command, self.path, body)
            refused = policy.refuses(action, records)
            if refused:
                error = f"<Type>Sender</Type><Code>AccessDenied</Code><Message>{refused}</Message>"
                status, data = 403, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()
            else:
                status, _, data = ask(moto, self.command, self.path, body, {**dict(self.headers.items()), "Host": moto})
            print(action, status, *(" ".join(record) for record in records), file=calls, flush=True)
            self.send_response(status)
            self.send_header("content-type", "text/xml")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    return Handler


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def data_of(kind, value):
    if kind == "TXT":
        text = value.strip('"').encode()
        return b"".join(bytes([len(part)]) + part for part in (text[i : i + 255] for i in range(0, len(text), 255)))
    if kind == "SOA":
        # moto writes it as what Python prints of a dictionary.
        server, person, *numbers = re.search(r"([\w.-]+) ([\w.-]+) (\d+) (\d+) (\d+) (\d+) (\d+)", value).groups()
        return encoded(server) + encoded(person) + struct.pack(">5I", *map(int, numbers))
    return encoded(value)


class Zone:
    def __init__(self, moto, zone):
        asked = f"<Name>{zone}.</Name><CallerReference>1</CallerReference>"
        body = f'<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc{API}/">{asked}</CreateHostedZoneRequest>'
        status, _, data = ask(moto, "POST", f"{API}/hostedzone", body)
        if status != 201:
            sys.exit(f"zone.py: no zone: {status} {data.decode()}")
        self.moto, self.name = moto, zone
        self.path = f"{API}/hostedzone/{texts(data, 'Id')[0].rpartition('/')[2]}/rrset"

    def records(self):
        _, _, data = ask(self.moto, "GET", self.path)
        for each in (e for e in xml.fromstring(data).iter() if local(e) == "ResourceRecordSet"):
            one = {local(e): e.text for e in each.iter()}
            for value in (e.text for e in each.iter() if local(e) == "Value"):
                yield one["Name"].lower().rstrip("."), one["Type"], value

    def reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1 : at + 3])[0]
        name, question, answers, code = ".".join(labels), query[12 : at + 5], [], 0
        if name == self.name or name.endswith("." + self.name):
            records = list(self.records())
            answers = [(TYPES[t], data_of(t, value)) for n, t, value in records if n == name and TYPES.get(t) == kind]
            if not any(n == name or n.endswith("." + name) for n, _, _ in records):
                code = 3
        elif kind == TYPES["A"]:
            # The name servers of the zone, by the names that Route 53 gave them.
            answers = [(kind, bytes([127, 0, 0, 1]))]
        reply = query[:2] + struct.pack(">5H", 0x8580 | code, 1, len(answers), 0, 0) + question
        for of, data in answers:
            reply += b"\xc0\x0c" + struct.pack(">HHIH", of, 1, 1, len(data)) + data
        return reply


def main():
    moto, port, name, terraform, environment, calls = sys.argv[1:]
    zone = Zone(moto, name)
    files = [f"{terraform}/iam.tf", f"{terraform}/environments/{environment}/main.tf"]
    policy = Policy(*(pathlib.Path(file).read_text(encoding="utf-8") for file in files))

    # cert-manager asks by UDP, Pebble by TCP.
    class Datagram(socketserver.BaseRequestHandler):
        def handle(self):
            query, socket = self.request
            socket.sendto(zone.reply(query), self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self):
            while length := self.rfile.read(2):
                reply = zone.reply(self.rfile.read(int.from_bytes(length)))
                self.wfile.write(len(reply).to_bytes(2) + reply)

    for server in socketserver.ThreadingUDPServer(("127.0.0.1", 53), Datagram), socketserver.ThreadingTCPServer(("127.0.0.1", 53), Stream):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(calls, "w", encoding="utf-8") as file:
        http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), api(moto, policy, file)).serve_forever()


if __name__ == "__main__":
    main()
