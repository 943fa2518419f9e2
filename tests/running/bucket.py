"""A bucket of tests/support/s3_server.py, which makes the mistakes that it is told to, for a repository."""

import json
import os
import pathlib
import re
import subprocess
import sys

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
from s3_client import ask  # noqa: E402
from servers import Aetheld, equal  # noqa: E402

ACCESS, SECRET = "AKIDTEST", "test/secret+of=nobody"


class Bucket:
    """tests/support/s3_server.py with one bucket, and aetheld that keeps its backups there."""

    def __init__(self, scratch, server, name, database="small"):
        self.process = subprocess.Popen([sys.executable, SUPPORT / "s3_server.py", "--access", ACCESS, "--secret", SECRET, "--bucket", "bucket"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = ACCESS, SECRET
        self.aetheld = Aetheld(scratch, server, database, name,
                               store=f"    bucket: bucket\n    endpoint: {self.endpoint}\n    region: us-east-1\n    addressing: path\n")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait(10)

    def faults(self, *faults):
        status, _ = ask(self.endpoint, "POST", "/-/faults", ACCESS, SECRET, body=json.dumps(faults).encode())
        equal(status, 200, "faults")

    def settings(self, **settings):
        status, _ = ask(self.endpoint, "POST", "/-/settings", ACCESS, SECRET, body=json.dumps(settings).encode())
        equal(status, 200, "settings")

    def objects(self):
        status, listed = ask(self.endpoint, "GET", "/bucket", ACCESS, SECRET, query="list-type=2&prefix=objects%2F")
        equal(status, 200, "listing")
        return set(re.findall(r"<Key>(.*?)</Key>", listed.decode()))
