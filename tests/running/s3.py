#!/usr/bin/env python3
"""s3.py ours|versitygw|boto3 PROGRAM: starts an S3 server on loopback and asks it.

ours       PROGRAM (s3_test.cc) against tests/support/s3_server.py
versitygw  PROGRAM against versitygw, which others wrote
boto3      AWS's own client against tests/support/s3_server.py: what we test with is tested
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ACCESS, SECRET = "AKIDTEST", "test/secret+of=nobody"
ROTATED = "the-token-of-now"


def start_ours(*more):
    server = subprocess.Popen(
        [sys.executable, HERE.parent / "support/s3_server.py", "--access", ACCESS, "--secret", SECRET, "--token", ROTATED, "--bucket", "plain",
         "--bucket", "locking:lock", *more],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    return server, int(server.stdout.readline())


def environment(kind, port):
    return {
        **os.environ, "S3_KIND": kind, "S3_ENDPOINT": f"http://127.0.0.1:{port}", "S3_ACCESS": ACCESS, "S3_SECRET": SECRET, "S3_REGION": "us-east-1",
        "S3_BUCKET": "plain", "S3_LOCK_BUCKET": "locking", "S3_ROTATED_TOKEN": ROTATED,
    }


def with_ours(program, arguments, work):
    server, port = start_ours()
    servers, env = [server], environment("ours", port)
    try:
        if shutil.which("openssl"):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=s3.test",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{work}/key", "-out", f"{work}/pem"],
                check=True, stderr=subprocess.DEVNULL,
            )
            tls, tls_port = start_ours("--tls", f"{work}/pem", f"{work}/key")
            servers.append(tls)
            env |= {"S3_TLS_ENDPOINT": f"https://127.0.0.1:{tls_port}", "S3_CA": f"{work}/pem"}
        return subprocess.run([program, *arguments], env=env).returncode
    finally:
        for each in servers:
            each.stdin.close()
            each.wait(10)


def with_versitygw(program, arguments, work):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for folder in ("data", "versions"):
        os.mkdir(f"{work}/{folder}")
    env = environment("versitygw", port)
    log = open(f"{work}/log", "w")
    server = subprocess.Popen(
        ["versitygw", "--port", f"127.0.0.1:{port}", "--access", ACCESS, "--secret", SECRET, "posix", "--versioning-dir", f"{work}/versions",
         f"{work}/data"],
        stdout=log, stderr=log,
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.1)
        # Buckets are made by whoever owns the store; our client makes none, so the test's own signer does.
        sys.path.insert(0, str(HERE.parent / "support"))
        import s3_client

        for name, headers in (("plain", {}), ("locking", {"x-amz-bucket-object-lock-enabled": "true"})):
            status, body = s3_client.ask(env["S3_ENDPOINT"], "PUT", f"/{name}", ACCESS, SECRET, headers)
            if status != 200:
                print(f"versitygw makes no bucket {name}: {status} {body[:300]}")
                return 1
        return subprocess.run([program, *arguments], env=env).returncode
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def main():
    kind, program = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as work:
        if kind == "boto3":
            server, port = start_ours()
            try:
                return subprocess.run(
                    [sys.executable, HERE / "s3_boto3.py", f"http://127.0.0.1:{port}", ACCESS, SECRET], env={**os.environ, "AWS_CONFIG_FILE": "/dev/null"}
                ).returncode
            finally:
                server.stdin.close()
                server.wait(10)
        return {"ours": with_ours, "versitygw": with_versitygw}[kind](program, sys.argv[3:], work)


if __name__ == "__main__":
    sys.exit(main())
