#!/usr/bin/env python3
"""A small, strict S3 server that makes mistakes on demand: for tests, on loopback, in memory.

    s3_server.py --access ID --secret SECRET [--token TOKEN] [--region REGION] --bucket NAME[:lock] ... [--tls CERT KEY]

It prints its port, and ends with its standard input. Strict: every request is signed (Signature Version 4, written here from AWS's pages and
sharing nothing with ours), with all x-amz-* headers, over the SHA-256 of the body that really came, at the server's time, for its region.
Objects, ranges, If-None-Match, versions and Object Lock (in a bucket `:lock`), ListObjectsV2.

The mistakes are ordered over a path that no bucket has:
    POST /-/settings  {"skew": SECONDS, "ignore_conditions": true, "racy_conditions": true, "page": OBJECTS, "require_token": true}
    POST /-/faults    [{"what": ..., "method": ..., "key": PART, "times": 1, "skip": 0, ...}]; each request takes the first that fits
    GET  /-/log       what was asked: [{"method", "key", "status", "connection"}]
    POST /-/reset     as it began
Faults: error (status, code, message, headers), reset_up (after `bytes` of the body came), reset_down and short_down (after half of the body: reset,
closed), stall_up, stall_down (seconds), flip_up, flip_down (one bit), lost (done, but not answered), portal (200 and a page), and of listings: cut,
no_token, circle, count, doctype, foreign, twice.
"""

import argparse
import base64
import calendar
import datetime
import email.utils
import hashlib
import hmac
import http.server
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import xml.sax.saxutils

SKEW_LIMIT = 15 * 60
OBJECT_LIMIT = 5 << 30
UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


class Refusal(Exception):
    def __init__(self, status, code, message="", headers=None, extra=""):
        super().__init__(code)
        self.status, self.code, self.message, self.headers, self.extra = status, code, message or code, headers or {}, extra


def encode(raw, keep=b""):
    return "".join(chr(byte) if byte in UNRESERVED + keep else f"%{byte:02X}" for byte in raw)


def decode(text):
    """Of a path or a query: bytes. Refuses what is half encoded."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise Refusal(400, "InvalidURI", "Could not parse the specified URI")
    return urllib.parse.unquote_to_bytes(text)


def query_of(text):
    pairs = []
    for part in text.split("&") if text else []:
        name, _, value = part.partition("=")
        pairs.append((decode(name), decode(value)))
    return pairs


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Version:
    def __init__(self, data, number, modified, headers, lock):
        self.data = data
        self.number = number
        self.modified = modified
        self.etag = '"' + hashlib.md5(data).hexdigest() + '"' if data is not None else None
        self.checksum = headers.get("x-amz-checksum-sha256")
        self.mode, self.until = lock


class State:
    def __init__(self, options):
        self.options = options
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        with self.lock:
            self.buckets = {}
            self.locking = set()
            for each in self.options.bucket:
                name, _, kind = each.partition(":")
                self.buckets[name] = {}
                if kind == "lock":
                    self.locking.add(name)
            self.settings = {"skew": 0, "ignore_conditions": False, "racy_conditions": False, "page": 1000, "require_token": False}
            self.faults = []
            self.log = []
            self.count = 0

    def now(self):
        return time.time() + self.settings["skew"]

    def take(self, method, key):
        with self.lock:
            for fault in self.faults:
                if fault.get("method", method) != method or fault.get("key", "") not in key:
                    continue
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                if fault.get("times", 1) <= 0:
                    continue
                fault["times"] = fault.get("times", 1) - 1
                return fault
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "strict-s3"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def state(self):
        return self.server.state

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.state.now() if timestamp is None else timestamp, usegmt=True)

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    # --- Signatures ---------------------------------------------------------------------------------------------------------------------

    def check_signature(self, path, query, body):
        options = self.state.options
        given = self.headers.get("Authorization")
        if given is None:
            raise Refusal(403, "AccessDenied", "Anonymous access is forbidden")
        match = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/,]+)/([^/,]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
            given,
        )
        if not match:
            raise Refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed")
        access, day, region, service, signed, signature = match.groups()
        if access != options.access:
            raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        if service != "s3":
            raise Refusal(400, "AuthorizationHeaderMalformed", f"The service '{service}' is wrong; expecting 's3'")
        if region != options.region:
            raise Refusal(
                400,
                "AuthorizationHeaderMalformed",
                f"The authorization header is malformed; the region '{region}' is wrong; expecting '{options.region}'",
                extra=f"<Region>{options.region}</Region>",
            )
        date = self.headers.get("x-amz-date", "")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date) or date[:8] != day:
            raise Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
        asked = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        if abs(asked - self.state.now()) > SKEW_LIMIT:
            raise Refusal(
                403, "RequestTimeTooSkewed", "The difference between the request time and the server's time is too large.",
                extra=f"<ServerTime>{iso(self.state.now())}</ServerTime>",
            )
        names = signed.split(";")
        if names != sorted(set(names)) or "host" not in names:
            raise Refusal(400, "AuthorizationHeaderMalformed", "SignedHeaders are not sorted, or lack host")
        for name in self.headers:
            if (name.lower().startswith("x-amz-") or name.lower() == "content-md5") and name.lower() not in names:
                raise Refusal(403, "AccessDenied", f"There were headers present in the request which were not signed: {name.lower()}")
        payload = self.headers.get("x-amz-content-sha256")
        if payload is None:
            raise Refusal(400, "MissingSecurityHeader", "x-amz-content-sha256 is required")
        if not re.fullmatch(r"[0-9a-f]{64}", payload):
            raise Refusal(501, "NotImplemented", "x-amz-content-sha256 has to be the body's own")
        # By name and then value, which is not the order of "name=value": "a-=" < "a=".
        lines = [self.command, encode(path, b"/"), "&".join(f"{n}={v}" for n, v in sorted((encode(n), encode(v)) for n, v in query))]
        for name in names:
            values = self.headers.get_all(name)
            if values is None:
                raise Refusal(403, "SignatureDoesNotMatch", f"{name} is signed and not there")
            lines.append(name + ":" + ",".join(" ".join(value.split()) for value in values))
        lines += ["", signed, payload]
        canonical = "\n".join(lines)
        scope = f"{day}/{region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{sha256(canonical.encode())}"
        key = ("AWS4" + options.secret).encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature):
            raise Refusal(
                403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.",
                extra=f"<StringToSign>{xml.sax.saxutils.escape(text)}</StringToSign><SignatureProvided>{signature}</SignatureProvided>",
            )
        token = self.headers.get("x-amz-security-token")
        if (token or self.state.settings["require_token"]) and token != options.token:
            raise Refusal(403, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        if sha256(body) != payload:
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")

    # --- Answers ------------------------------------------------------------------------------------------------------------------------

    def answer(self, status, headers=None, body=b""):
        fault = self.fault or {}
        what = fault.get("what")
        self.status = status
        if what == "lost":
            return self.reset()
        if what == "portal":
            status, headers, body = 200, {"Content-Type": "text/html"}, b"<html><body>Please log in</body></html>"
        if what == "flip_down" and body:
            body = bytearray(body)
            body[len(body) // 2] ^= 4
            body = bytes(body)
        self.send_response(status)
        headers = dict(headers or {})
        if status not in (204, 304) and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return None
        if what in ("reset_down", "short_down", "stall_down"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if what == "reset_down":
                return self.reset()
            if what == "short_down":
                self.close_connection = True
                return self.connection.shutdown(socket.SHUT_RDWR)
            self.server.stopping.wait(fault.get("seconds", 30))
            return self.reset()
        self.wfile.write(body)
        return None

    def reset(self):
        """RST rather than FIN: what a crashed proxy does."""
        self.close_connection = True
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        except OSError:
            pass

    def refuse(self, refusal):
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{refusal.code}</Code><Message>{xml.sax.saxutils.escape(refusal.message)}</Message>'
            f"{refusal.extra}<RequestId>1</RequestId></Error>"
        ).encode()
        headers = {"Content-Type": "application/xml", **refusal.headers}
        self.answer(refusal.status, headers, body)

    # --- Requests -----------------------------------------------------------------------------------------------------------------------

    def do(self):
        self.fault = None
        self.status = 0
        target, _, query_text = self.path.partition("?")
        if target.startswith("/-/"):
            return self.admin(target)
        bucket = key = ""
        try:
            path = decode(target)
            query = query_of(query_text)
            host = self.headers.get("Host", "")
            name = host.split(".")[0]
            text = path.decode("utf-8", "surrogateescape")
            if name in self.state.buckets and "." in host:
                bucket, key = name, text[1:]
            else:
                bucket, _, key = text[1:].partition("/")
            self.fault = self.state.take(self.command, key)
            body = self.read_body()
            if body is None:
                return None
            if self.fault and self.fault["what"] == "error":
                raise Refusal(
                    self.fault.get("status", 500), self.fault.get("code", "InternalError"),
                    self.fault.get("message", "").replace("AUTHORIZATION", self.headers.get("Authorization", "")),
                    self.fault.get("headers"), self.fault.get("extra", ""),
                )
            self.check_signature(path, query, body)
            with self.state.lock:
                if bucket not in self.state.buckets:
                    raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
            self.serve(bucket, key, dict((n.decode(), v.decode("utf-8", "surrogateescape")) for n, v in query), body)
        except Refusal as refusal:
            self.refuse(refusal)
        finally:
            with self.state.lock:
                self.state.log.append(
                    {"method": self.command, "key": key, "status": self.status, "connection": f"{self.client_address[1]}"}
                )
        return None

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = do

    def read_body(self):
        if self.headers.get("Transfer-Encoding"):
            raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        length = self.headers.get("Content-Length")
        if length is None:
            if self.command == "PUT":
                raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
            return b""
        length = int(length)
        if length > OBJECT_LIMIT:
            raise Refusal(400, "EntityTooLarge")
        what = self.fault["what"] if self.fault else None
        if what in ("reset_up", "stall_up"):
            self.rfile.read(min(length, self.fault.get("bytes", length // 2)))
            if what == "stall_up":
                self.server.stopping.wait(self.fault.get("seconds", 30))
            self.reset()
            return None
        body = self.rfile.read(length)
        if len(body) != length:
            self.close_connection = True
            return None
        if what == "flip_up" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        return body

    def serve(self, bucket, key, query, body):
        if not key:
            if self.command == "GET" and query.get("list-type") == "2":
                return self.list(bucket, query)
            if self.command == "HEAD":
                return self.answer(200)
            raise Refusal(501, "NotImplemented", "A header or query you provided implies functionality that is not implemented")
        if len(key.encode("utf-8", "surrogateescape")) > 1024:
            raise Refusal(400, "KeyTooLongError")
        known = {"versionId", "x-id"}
        if set(query) - known:
            raise Refusal(501, "NotImplemented", "A query you provided implies functionality that is not implemented")
        serve = {"PUT": self.put, "GET": self.get, "HEAD": self.get, "DELETE": self.delete}.get(self.command)
        if serve is None:
            raise Refusal(405, "MethodNotAllowed")
        return serve(bucket, key, query, body)

    def current(self, bucket, key):
        versions = self.state.buckets[bucket].get(key, [])
        return versions[-1] if versions and versions[-1].data is not None else None

    def lock_of(self, bucket):
        mode = self.headers.get("x-amz-object-lock-mode")
        until = self.headers.get("x-amz-object-lock-retain-until-date")
        if mode is None and until is None:
            return None, None
        if bucket not in self.state.locking:
            raise Refusal(400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
        if mode not in ("GOVERNANCE", "COMPLIANCE") or until is None:
            raise Refusal(400, "InvalidArgument", "Unknown wormMode directive, or no date")
        if not any(self.headers.get(n) for n in ("Content-MD5", "x-amz-checksum-sha256", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm")):
            raise Refusal(
                400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
            )
        try:
            end = datetime.datetime.fromisoformat(until.replace("Z", "+00:00")).timestamp()
        except ValueError:
            raise Refusal(400, "InvalidArgument", "The retain until date must be provided in ISO 8601 format") from None
        if end <= self.state.now():
            raise Refusal(400, "InvalidArgument", "The retain until date must be in the future!")
        return mode, end

    def put(self, bucket, key, query, body):
        md5 = self.headers.get("Content-MD5")
        if md5 is not None and md5 != base64.b64encode(hashlib.md5(body).digest()).decode():
            raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
        sum_ = self.headers.get("x-amz-checksum-sha256")
        if sum_ is not None and sum_ != base64.b64encode(hashlib.sha256(body).digest()).decode():
            raise Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
        lock = self.lock_of(bucket)
        condition = self.headers.get("If-None-Match")
        if condition not in (None, "*"):
            raise Refusal(501, "NotImplemented", "If-None-Match takes * only")
        settings = self.state.settings
        with self.state.lock:
            there = self.current(bucket, key)
        if condition and settings["racy_conditions"] and not there:
            time.sleep(0.05)  # looks, and then leaps
        with self.state.lock:
            if not settings["racy_conditions"]:
                there = self.current(bucket, key)
            if condition and there and not settings["ignore_conditions"]:
                raise Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            self.state.count += 1
            version = Version(body, f"v{self.state.count}", self.state.now(), self.headers, lock)
            if bucket in self.state.locking:
                self.state.buckets[bucket].setdefault(key, []).append(version)
            else:
                self.state.buckets[bucket][key] = [version]
        headers = {"ETag": version.etag}
        if bucket in self.state.locking:
            headers["x-amz-version-id"] = version.number
        if version.checksum:
            headers["x-amz-checksum-sha256"] = version.checksum
        return self.answer(200, headers)

    def get(self, bucket, key, query, body):
        with self.state.lock:
            found = self.current(bucket, key)
        if found is None:
            raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
        headers = {
            "ETag": found.etag, "Last-Modified": self.date_time_string(found.modified), "Accept-Ranges": "bytes",
            "Content-Type": "binary/octet-stream",
        }
        if bucket in self.state.locking:
            headers["x-amz-version-id"] = found.number
        if found.mode:
            headers["x-amz-object-lock-mode"] = found.mode
            headers["x-amz-object-lock-retain-until-date"] = iso(found.until)
        data, status = found.data, 200
        wanted = self.headers.get("Range")
        if wanted is not None:
            match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
            if match:
                first = int(match[1])
                last = min(int(match[2]) if match[2] else len(data), len(data) - 1)
                if first >= len(data):
                    raise Refusal(416, "InvalidRange", "The requested range is not satisfiable", {"Content-Range": f"bytes */{len(data)}"})
                headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
                data, status = data[first : last + 1], 206
        elif self.headers.get("x-amz-checksum-mode") == "ENABLED" and found.checksum:
            headers["x-amz-checksum-sha256"] = found.checksum
        if self.command == "HEAD":
            headers["Content-Length"] = str(len(data))
        return self.answer(status, headers, data)

    def delete(self, bucket, key, query, body):
        with self.state.lock:
            versions = self.state.buckets[bucket].get(key, [])
            if bucket not in self.state.locking:
                self.state.buckets[bucket].pop(key, None)
                return self.answer(204)
            if "versionId" not in query:
                self.state.count += 1
                self.state.buckets[bucket].setdefault(key, []).append(
                    Version(None, f"v{self.state.count}", self.state.now(), {}, (None, None))
                )
                return self.answer(204, {"x-amz-delete-marker": "true"})
            for version in versions:
                if version.number == query["versionId"]:
                    if version.until and version.until > self.state.now():
                        raise Refusal(403, "AccessDenied", "Access Denied because object protected by object lock.")
                    versions.remove(version)
            return self.answer(204)

    def list(self, bucket, query):
        fault = self.fault["what"] if self.fault else None
        with self.state.lock:
            there = {key: self.current(bucket, key) for key in self.state.buckets[bucket]}
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        limit = min(int(query.get("max-keys", "1000")), self.state.settings["page"])
        after = query.get("start-after", "")
        if "continuation-token" in query:
            try:
                after = base64.b64decode(query["continuation-token"], validate=True).decode()
            except ValueError:
                raise Refusal(400, "InvalidArgument", "The continuation token provided is incorrect") from None
        out, common, more, last = [], [], False, after
        for key in sorted(there, key=lambda text: text.encode("utf-8", "surrogateescape")):
            if there[key] is None or not key.startswith(prefix) or key <= after:
                continue
            folder = prefix + key[len(prefix) :].partition(delimiter)[0] + delimiter if delimiter and delimiter in key[len(prefix) :] else ""
            if folder and (folder in common or (after and after.startswith(folder))):
                last = key
                continue
            if len(out) + len(common) >= limit:
                more = True
                break
            last = key
            if folder:
                common.append(folder)
            else:
                out.append(key)
        if query.get("encoding-type") == "url":
            shown = lambda text: urllib.parse.quote_plus(text.encode("utf-8", "surrogateescape"), safe="/")
        else:
            shown = xml.sax.saxutils.escape
        count = len(out) + len(common)
        if fault == "foreign":
            out.append("elsewhere/secret")
            there["elsewhere/secret"] = Version(b"", "v", 0, {}, (None, None))
            count += 1
        if fault == "twice" and out:
            out.append(out[0])
            count += 1
        if fault == "count":
            count += 1
        token = base64.b64encode(last.encode()).decode()
        if fault == "circle":
            more, token = True, base64.b64encode(b"!").decode()
        parts = [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' if fault == "doctype" else "",
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix>{shown(prefix)}</Prefix>',
            f"<KeyCount>{count}</KeyCount><MaxKeys>{limit}</MaxKeys><IsTruncated>{'true' if more else 'false'}</IsTruncated>",
            "<EncodingType>url</EncodingType>" if query.get("encoding-type") == "url" else "",
            f"<NextContinuationToken>{token}</NextContinuationToken>" if more and fault != "no_token" else "",
        ]
        for key in out:
            found = there[key]
            parts.append(
                f"<Contents><Key>{shown(key)}</Key><LastModified>{iso(found.modified)}</LastModified>"
                f"<ETag>{xml.sax.saxutils.escape(found.etag)}</ETag><Size>{len(found.data)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            )
        parts += [f"<CommonPrefixes><Prefix>{shown(each)}</Prefix></CommonPrefixes>" for each in common]
        parts.append("</ListBucketResult>")
        body = "".join(parts).encode("utf-8", "surrogateescape")
        if fault == "cut":
            body = body[: len(body) * 2 // 3]
        return self.answer(200, {"Content-Type": "application/xml"}, body)

    # --- Orders -------------------------------------------------------------------------------------------------------------------------

    def admin(self, target):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = json.loads(body) if body else None
        state, out = self.state, {}
        with state.lock:
            if (self.command, target) == ("POST", "/-/settings"):
                unknown = set(given) - set(state.settings)
                if unknown:
                    return self.answer(400, {}, f"unknown: {unknown}".encode())
                state.settings.update(given)
            elif (self.command, target) == ("POST", "/-/faults"):
                state.faults = given
            elif (self.command, target) == ("GET", "/-/log"):
                out = state.log
            elif (self.command, target) == ("POST", "/-/reset"):
                state.reset()
            else:
                return self.answer(404)
        return self.answer(200, {"Content-Type": "application/json"}, json.dumps(out).encode())


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # Clients that go away are what is tested; anything else is our own mistake.
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--access", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--bucket", action="append", required=True)
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    server.state = State(options)
    server.stopping = threading.Event()
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    server.stopping.set()


if __name__ == "__main__":
    main()
