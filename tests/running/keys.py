"""What keys can do: pages of the kit, a second machine that signs, keys of elsewhere; and names that are no UTF-8."""

import json
import re
import subprocess

from servers import Aetheld, Cases, Failed, Scratch, contains, equal

cases = Cases()


def from_page(kit, kind):
    return "".join(re.search(rf"aethel-{kind}-[\sa-z2-7-]*?\n\n", kit).group(0).split())


def file_value(path):
    return path.read_text().strip().split("=", 1)[1]


def kit(scratch, server):
    """The page has all that a stranger needs; a rotation writes a new one, and each opens what it said it would."""
    aetheld = Aetheld(scratch, server, "small", "kit")
    first = json.loads(aetheld.call("run", "--json"))["backup"]
    page = (aetheld.folder / "aethel-recovery-kit.txt").read_text()
    for part in ('backups of "main" (test)', "Private key for recovery", "Public key of who signs", f"folder: {aetheld.store}", "database: main",
                 "docs/restore.md", "docs/backup-format.md (format 1)", "tools/read-backup", "aetheld backup restore latest"):
        contains(page, part)
    refused = aetheld.try_call("keys", "rotate", "recovery")
    equal(refused.returncode, 3, "a page is never overwritten")
    contains(refused.stderr, "name another file with --kit")
    contains(aetheld.call("keys", "rotate", "recovery", "--kit", "second.txt"), "second.txt is the new recovery kit")
    printed = aetheld.call("keys", "rotate", "recovery", "--print")
    second = (aetheld.folder / "second.txt").read_text()
    equal((aetheld.folder / "second.txt").stat().st_mode & 0o777, 0o600, "the page is for its owner")
    equal(printed.startswith("RECOVERY KIT"), True, "--print")
    later = json.loads(aetheld.call("run", "--json"))["backup"]
    for name, text, opened in (("first", page, [first]), ("second", second, [first]), ("printed", printed, [first, later])):
        said = json.loads("[" + aetheld.try_call("verify", "--all", "--json", BACKUP_SERVICE_KEY=from_page(text, "private")).stdout.replace("}\n{", "},{") + "]")
        equal([each["backup"] for each in said if each["passed"]], opened, f"opened by the {name} page")


def signing(scratch, server):
    """A second machine signs with its own key; a key of elsewhere signs nothing."""
    aetheld = Aetheld(scratch, server, "small", "signing")
    root = json.loads(aetheld.call("keys", "list", "--json"))["signers"][0]["key"]
    first = dict(aetheld.environment)
    contains(aetheld.call("keys", "add", "signing", "--out", "second.env"), "next: put the key of second.env into BACKUP_SIGNING_KEY of its machine")
    contains(aetheld.call("keys", "list"), "may sign  ")
    again = aetheld.try_call("keys", "rotate", "signing", "--out", "second.env")
    equal(again.returncode, 3, "onto a key")
    contains(again.stderr, "second.env: is there already: keys are never overwritten\n  help: delete it once its key is kept elsewhere, or name another file with --out")
    aetheld.environment["BACKUP_SIGNING_KEY"] = file_value(aetheld.folder / "second.env")
    aetheld.call("run")
    warnings = [each["what"] for each in json.loads(aetheld.call("check", "--json")) if each["state"] != "good" and each["what"] != "canary"]
    equal(warnings, ["keys"], "check of the second machine")
    aetheld.environment = first
    aetheld.call("run")
    equal([each["state"] for each in json.loads(aetheld.call("check", "--json")) if each["what"] == "keys"], ["good"], "check of the first")
    # By its public half only: it enters by `signer`.
    other = Aetheld(scratch, server, "small", "elsewhere")
    signer = json.loads(other.call("keys", "list", "--json"))["signers"][0]["key"]
    elsewhere = other.environment["BACKUP_SIGNING_KEY"]
    refused = aetheld.try_call("run", BACKUP_SIGNING_KEY=elsewhere)
    equal(refused.returncode, 3, "a key of another repository")
    contains(refused.stderr, "signed by nobody who is trusted here")
    aetheld.config.write_text(aetheld.config.read_text() + f"  signer: {root}\n")
    refused = aetheld.try_call("run", BACKUP_SIGNING_KEY=elsewhere)
    equal(refused.returncode, 3, "a key of another repository")
    contains(refused.stderr, "may not sign in this repository")
    contains(aetheld.call("keys", "add", "signing", "--public", signer), f"signer: {root}")
    equal(aetheld.try_call("keys", "add", "signing", "--public", signer).returncode, 2, "twice")
    equal(aetheld.try_call("keys", "add", "signing", "--public", "aethel-signer-x").returncode, 2, "no key")
    aetheld.call("run", BACKUP_SIGNING_KEY=elsewhere)
    aetheld.call("keys", "rotate", "signing", "--out", "third.env")
    del aetheld.environment["BACKUP_SIGNING_KEY"]
    listed = json.loads(aetheld.call("list", "--json"))
    equal((len(listed["backups"]), listed["unreadable"]), (3, []), "backups of all signers")


def encodings(scratch, server):
    """A database without an encoding has names of any bytes: they are kept, and shown as JSON that every parser reads."""
    server.create("bytes", "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    statements = b'SET client_encoding = SQL_ASCII; CREATE TABLE "caf\xe9" ("\xff" int); INSERT INTO "caf\xe9" VALUES (1); CREATE TABLE plain (a text); INSERT INTO plain VALUES (\'\xe9\')'
    done = subprocess.run([server.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url("bytes")], input=statements, env=server.environment,
                          capture_output=True)
    equal((done.returncode, done.stderr), (0, b""), "psql")
    aetheld = Aetheld(scratch, server, "bytes", "encodings")
    aetheld.call("run")
    catalog = json.loads(aetheld.call("show", "latest", "--contents", "--json"))["catalog"]
    equal((catalog["text"], sorted(each["name"] for each in catalog["relations"])), ("bytes", ["café", "plain"]), "catalog")
    contains(aetheld.call("show", "latest", "--contents"), "public.plain")
    report = json.loads(aetheld.try_call("drill", "latest", "--json").stdout)
    equal([each["message"] for each in report["checks"] if each["outcome"] == "failed"], [], "drill")


with Scratch() as scratch:
    server = scratch.server(18)
    server.create("small")
    server.psql("small", "CREATE TABLE t AS SELECT g FROM generate_series(1, 10) g")
    cases.case("the recovery kit", kit, scratch, server)
    cases.case("who may sign", signing, scratch, server)
    cases.case("names of any encoding", encodings, scratch, server)
cases.finish()
