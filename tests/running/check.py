"""What would keep a backup or a drill from working, one by one, as `check` says it before the first run. Rights of roles are in drill.py."""

import json
import os
import pathlib
import shutil
import subprocess

from bucket import Bucket
from servers import Aetheld, Cases, Scratch, contains, equal

cases = Cases()
KIT = pathlib.Path(os.environ["POSTGRES"])


def findings(aetheld):
    """{what: (state, message and help)} of all that is not good; and that the exit code says the same."""
    done = aetheld.try_call("check", "--json")
    found = {each["what"]: (each["state"], each["message"] + " " + (each.get("hint") or ""))
             for each in json.loads(done.stdout) if each["state"] != "good" and each["what"] != "canary"}
    equal(done.returncode, 1 if "bad" in [state for state, _ in found.values()] else 0, found)
    return found


def expect(aetheld, what, state, *parts):
    found = findings(aetheld)
    equal([(each, found[each][0]) for each in found], [(what, state)], found)
    for part in parts:
        contains(found[what][1], part)


def binaries(aetheld, folder):
    aetheld.config.write_text("".join(f"  binaries: [{folder}]\n" if line.startswith("  binaries:") else line
                                      for line in aetheld.config.read_text().splitlines(True)))


def programs(scratch):
    """PostgreSQL's own: of an older version, without a server, without pg_amcheck, without an extension."""
    server = scratch.servers[0]
    if any(pathlib.Path(f"/usr/lib/postgresql/{server.major}/bin/{name}").exists() for name in ("pg_dump", "initdb")):
        print(f"        SKIPPED: this machine has PostgreSQL {server.major} where it is found by itself", flush=True)
        return
    aetheld = Aetheld(scratch, server, "shop", "programs")
    equal(findings(aetheld), {}, "all is well")

    binaries(aetheld, KIT / "15" / "bin")
    found = findings(aetheld)
    equal({what: state for what, (state, _) in found.items()}, {"programs": "bad", "drill": "bad"}, found)
    contains(found["programs"][1], "the newest pg_dump on this machine is 15")
    contains(found["programs"][1], "install postgresql-client-18")
    equal(aetheld.try_call("run").returncode, 3, "and a run fails")

    clients = scratch.folder / "clients"
    clients.mkdir()
    for name in ("pg_dump", "pg_dumpall", "pg_restore", "psql"):
        (clients / name).symlink_to(server.bin / name)
    binaries(aetheld, clients)
    expect(aetheld, "drill", "bad", "the server programs of PostgreSQL 18", "install postgresql-18")

    without = scratch.folder / "without"
    shutil.copytree(server.bin.parent, without, symlinks=True)
    (without / "bin" / "pg_amcheck").unlink()
    binaries(aetheld, without / "bin")
    expect(aetheld, "drill", "warning", "there is no pg_amcheck")

    # An extension beside the source's server, and not beside the one that drills.
    folder = server.bin.parent / "share" / "extension"
    if not folder.exists():
        folder = server.bin.parent / "share" / "postgresql" / "extension"
    (folder / "aethel_test.control").write_text("default_version = '1'\n")
    (folder / "aethel_test--1.sql").write_text("CREATE FUNCTION aethel_test() RETURNS int LANGUAGE sql AS 'SELECT 1';\n")
    server.psql("shop", "CREATE EXTENSION aethel_test")
    binaries(aetheld, KIT / "18" / "bin")
    expect(aetheld, "drill", "bad", "the database uses the extension aethel_test", "postgresql-18-aethel_test")
    server.psql("shop", "DROP EXTENSION aethel_test")


def room(scratch):
    """A folder of drills that cannot be made."""
    aetheld = Aetheld(scratch, scratch.servers[0], "shop", "room")
    file = scratch.folder / "a file"
    file.write_text("")
    text = aetheld.config.read_text()
    drills = next(line for line in text.splitlines() if "drills" in line)
    aetheld.config.write_text(text.replace(drills, f"    folder: \"{file}/drills\""))
    expect(aetheld, "drill", "bad", "Not a directory", "backup.drill.folder")
    # One that the user of the drill's server does not get into.
    if os.geteuid() == 0:
        (scratch.folder / "closed").mkdir(mode=0o700)
        for where in ("closed", "closed/drills"):
            aetheld.config.write_text(text.replace(drills, f"    folder: {scratch.folder}/{where}"))
            expect(aetheld, "drill", "bad", f'cannot be started in "{scratch.folder}/closed"', "chmod o+x")
        aetheld.call("run", "--no-drill")
        done = aetheld.try_call("drill", "latest")
        equal(done.returncode, 3, done.stdout)
        contains(done.stderr, "chmod o+x")


def password(scratch):
    """A server that wants a password, and is given none."""
    server = scratch.servers[0]
    aetheld = Aetheld(scratch, server, "shop", "password")
    rules = server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    server.psql("shop", "CREATE ROLE locked LOGIN PASSWORD 'word'; CREATE TABLE unread (a int)")
    rules.write_text("local all locked scram-sha-256\n" + before)
    server.psql("shop", "SELECT pg_reload_conf()")
    refused = aetheld.try_call("run", DATABASE_URL=server.url("shop", "locked"))
    equal(refused.returncode, 3, "no password")
    contains(refused.stderr, "no password supplied\n  help: give the password in the address (of backups that is DATABASE_URL)")
    refused = aetheld.try_call("run", DATABASE_URL=server.url("shop", "locked"), PGPASSWORD="word")
    equal(refused.returncode, 3, "no rights")
    contains(refused.stderr, "help: `aetheld backup check` looks for what keeps backups from working")
    rules.write_text(before)
    server.psql("shop", "SELECT pg_reload_conf()")


def store(scratch):
    """A store whose clock is wrong, that keeps no conditions, that lets nothing be removed."""
    with Bucket(scratch, scratch.servers[0], "store", "shop") as bucket:
        equal(findings(bucket.aetheld), {}, "all is well")
        bucket.settings(ignore_conditions=True)
        expect(bucket.aetheld, "store", "warning", "it ignores conditional writes", "leases are then kept in PostgreSQL")
        bucket.settings(ignore_conditions=False, skew=600)
        expect(bucket.aetheld, "clock", "bad", "differ by ", "run an NTP client")
        bucket.settings(skew=0)
        bucket.faults({"what": "error", "method": "DELETE", "status": 403, "code": "AccessDenied", "message": "no", "times": 9})
        expect(bucket.aetheld, "store", "warning", "objects cannot be removed", "retention needs it")


def keys(scratch):
    """A service key of before a rotation opens no new backup."""
    aetheld = Aetheld(scratch, scratch.servers[0], "shop", "keys")
    contains(aetheld.call("keys", "rotate", "service", "--out", str(aetheld.folder / "new.env")), "new.env into BACKUP_SERVICE_KEY, then delete that file")
    expect(aetheld, "keys", "bad", "the service's private key is not a recipient", "set BACKUP_SERVICE_KEY")


def verbs(scratch):
    """A verb that is not there, and what was meant."""
    for arguments, message in (
            (("backup", "restor"), 'aetheld: no verb "restor"\n  help: did you mean "restore"?\n'),
            (("bakup", "run"), 'aetheld: no verb "bakup"\n  help: did you mean "backup"?\n'),
            (("backup", "whatever"), 'aetheld: no verb "whatever"\n  help: `aetheld backup --help` lists them\n')):
        done = subprocess.run([os.environ["AETHELD"], *arguments], capture_output=True, text=True)
        equal((done.returncode, done.stderr), (2, message), arguments)


def folder(scratch):
    """A folder of backups that cannot be made."""
    where = scratch.folder / "unmade"
    where.mkdir()
    (where / "aethel.yaml").write_text("backup:\n  database: shop\n  store: {folder: /proc/none/backups}\n")
    done = subprocess.run([os.environ["AETHELD"], "backup", "init"], capture_output=True, text=True, cwd=where)
    equal((done.returncode, sorted(each.name for each in where.iterdir())), (3, ["aethel.yaml"]), done.stderr)
    contains(done.stderr, 'cannot make "/proc/none')
    contains(done.stderr, "help: make the folder for this user, or choose another with `backup.store.folder`")


with Scratch() as scratch:
    cases.case("folder", folder, scratch)
    cases.case("verbs", verbs, scratch)
    scratch.server(18).create("shop")
    cases.case("programs", programs, scratch)
    cases.case("room", room, scratch)
    cases.case("password", password, scratch)
    cases.case("store", store, scratch)
    cases.case("keys", keys, scratch)
cases.finish()
