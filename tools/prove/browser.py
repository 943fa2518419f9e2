"""Headless Chromium by the DevTools protocol over a pipe (--remote-debugging-pipe: JSON, ended by a zero byte, on the
descriptors 3 and 4). Python's standard library only. https://chromedevtools.github.io/devtools-protocol/"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
    def __init__(self, program, address):
        self.home = tempfile.mkdtemp(prefix="aethel-browser-")
        commands, self.commands = os.pipe()
        self.events, events = os.pipe()

        def place():
            # Not straight: one of them may be 3 or 4 itself.
            one, two = os.dup(commands), os.dup(events)
            os.dup2(one, 3)
            os.dup2(two, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self.home}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(events)
        self.buffer, self.last, self.complaints = b"", 0, []
        target = self.ask("Target.createTarget", url="about:blank", session=None)["targetId"]
        self.session = None
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.address = address

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def ask(self, method, session="", **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session == "" and getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + 30
        while True:
            while b"\0" in self.buffer:
                text, self.buffer = self.buffer.split(b"\0", 1)
                answer = json.loads(text)
                self.hear(answer)
                if answer.get("id") == self.last:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']}")
                    return answer["result"]
            if not select.select([self.events], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError(f"{method}: no answer within 30 s")
            self.buffer += os.read(self.events, 1 << 20)

    def hear(self, event):
        """What a page complains of: exceptions, refused policies, addresses elsewhere."""
        given = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(given["exceptionDetails"])[:500])
        if event.get("method") == "Log.entryAdded" and given["entry"]["source"] != "network":
            self.complaints.append(given["entry"]["text"])
        if event.get("method") == "Network.requestWillBeSent":
            url = given["request"]["url"]
            if not url.startswith((self.address, "data:", "about:")):
                self.complaints.append(f"it asks {url}")

    def run(self, script):
        """The value of an expression; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, script, limit=20):
        end = time.monotonic() + limit
        while not self.run(script):
            if time.monotonic() > end:
                raise RuntimeError(f"not within {limit} s: {script}\n{self.run('document.body.innerText')}")
            time.sleep(0.1)

    def size(self, width, height, phone=False, dark=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path):
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
