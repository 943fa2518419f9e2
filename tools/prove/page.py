"""The page for people, in Chromium, over a real aetheld with a real PostgreSQL: what it shows is what the API says; it
enters nobody without a token, does what it is asked, complains of nothing, asks nobody else, and is no wider than the
window."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tools/prove")

from browser import Browser
from servers import Aetheld, Failed, Scratch, contains, equal
from serving import Serving, new_token


def story(scratch):
    """A database with a week of life: proven backups, one that failed, one that is new."""
    server = scratch.server(18)
    server.create("shop")
    server.psql("shop", "CREATE TABLE orders AS SELECT g, md5(g::text) FROM generate_series(1, 20000) g; CREATE TABLE customers AS SELECT g FROM generate_series(1, 500) g")
    aetheld = Aetheld(scratch, server, "shop", "page")
    ids = []
    for size in (2000, 4000, 9000):
        ids.append(json.loads(aetheld.call("run", "--json"))["backup"])
        server.psql("shop", f"INSERT INTO orders SELECT g, md5(random()::text) FROM generate_series(1, {size}) g")
    aetheld.call("drill", ids[0])
    aetheld.call("drill", ids[1])
    aetheld.call("hold", ids[0])
    # One whose bytes changed in the store.
    broken = sorted((aetheld.store / "objects" / ids[2]).rglob("*"), key=lambda each: each.stat().st_size if each.is_file() else 0)[-1]
    broken.chmod(0o600)
    content = bytearray(broken.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(content)
    aetheld.try_call("drill", ids[2])
    return aetheld, ids


def enter(browser, token):
    browser.until("!document.getElementById('enter').hidden")
    browser.run(f"document.getElementById('token').value = {json.dumps(token)}; document.getElementById('form').requestSubmit(); true")


def rows(browser):
    return browser.run("[...document.querySelectorAll('details code:first-child')].map(e => e.textContent)")


def check(scratch, look):
    aetheld, ids = story(scratch)
    everything, reader = new_token(aetheld, "ops", "read,run,restore"), new_token(aetheld, "screen", "read")
    serving = Serving(aetheld, "  schedule: 0 */6 * * *\nserve:\n  port: {port}\n  metrics_port: {metrics_port}\n  drain: 0s\n"
                      f"  tokens: {aetheld.folder}/tokens\n")
    address = f"http://127.0.0.1:{serving.port}/"
    try:
        serving.until("/readyz", 200, 20)
        with Browser(os.environ["CHROMIUM"], address) as browser:
            browser.ask("Emulation.setLocaleOverride", locale="en-GB")
            browser.size(1280, 900)
            browser.ask("Page.navigate", url=address)
            browser.until("document.readyState === 'complete' && !document.getElementById('health').hidden")
            equal(browser.run("document.getElementById('backups').childElementCount"), 0, "what a stranger sees of backups")
            browser.picture(look / "stranger.png")
            enter(browser, "wrong")
            browser.until("document.getElementById('refusal').textContent.includes('no token of this service')")
            browser.complaints.clear()

            enter(browser, reader)
            browser.until("document.querySelectorAll('details').length === 3")
            equal(rows(browser), ids[::-1], "the backups, newest first")
            text = browser.run("document.body.innerText")
            for part in ("Backups of main", "The newest backup failed its drill", "The newest proven one is from", "Next backup", "held",
                         "L3 · restored, equal", "failed", "database: well"):
                contains(text, part)
            browser.run("[...document.querySelectorAll('button')].find(e => e.textContent === 'Back up now').click(); true")
            browser.until("document.getElementById('said').textContent.includes('lacks the scope “run”')")
            browser.run("document.getElementById('leave').click(); true")
            equal(browser.run("document.getElementById('backups').childElementCount"), 0, "what is left after the token is forgotten")

            enter(browser, everything)
            browser.until("document.querySelectorAll('details').length === 3")
            browser.run("[...document.querySelectorAll('button')].find(e => e.textContent === 'Back up now').click(); true")
            browser.until("document.body.innerText.includes('Taken; it is followed under “Work”.')")
            browser.until("document.querySelectorAll('details').length === 4", 60)
            browser.until("document.body.innerText.includes('The newest backup is not proven yet')")
            browser.run("[...document.querySelectorAll('button')].find(e => e.textContent === 'Drill').click(); true")
            browser.until("document.body.innerText.includes('The newest backup was restored and is equal to its source.')", 90)
            for name, width, height, phone, dark in (("desk", 1280, 900, False, False), ("desk-dark", 1280, 900, False, True),
                                                     ("phone", 390, 844, True, False), ("phone-dark", 390, 844, True, True), ("small", 320, 640, True, False)):
                browser.size(width, height, phone, dark)
                time.sleep(0.3)
                browser.picture(look / f"{name}.png")
                wide = browser.run("[document.scrollingElement.scrollWidth, window.innerWidth]")
                equal(wide[0] <= width, True, f"{name}: {wide[0]} pixels wide")
            browser.run("const e = document.getElementById('language'); e.value = 'pt-BR'; e.dispatchEvent(new Event('change')); true")
            contains(browser.run("document.body.innerText"), "O backup mais novo foi restaurado e é igual à origem.")
            browser.size(390, 844, True)
            browser.picture(look / "phone-pt.png")
            # aetheld goes: the page says since when it knows nothing.
            serving.stop()
            browser.run("look()")
            browser.until("document.getElementById('away').textContent.startsWith('O aetheld não responde')")
            equal(browser.complaints, [], "complaints")
    finally:
        serving.process.kill()
        serving.process.wait()


with Scratch() as scratch, tempfile.TemporaryDirectory(prefix="aethel-look-") as folder:
    look = pathlib.Path(os.environ.get("AETHEL_LOOK", folder))
    look.mkdir(parents=True, exist_ok=True)
    try:
        check(scratch, look)
    except (Failed, RuntimeError, subprocess.SubprocessError) as failure:
        sys.exit(f"FAILED  {failure}")
version = subprocess.run([os.environ["CHROMIUM"], "--version"], capture_output=True, text=True).stdout.split()
print(f"The page in Chromium {version[1] if len(version) > 1 else '?'}: entered, read, a backup and a drill asked for, at 1280, 390 and 320 pixels, "
      "light and dark, English and Portuguese; no complaint, no address elsewhere, nothing wider than the window.")
