"""The drill is proven: faults that are planted turn it red for their reason, odd and healthy databases stay green."""

import json
import os
import pathlib
import shutil
import subprocess

from servers import Aetheld, Cases, Failed, Scratch, contains, equal

ONLY = os.environ.get("DRILL_ONLY", "")  # for who works on one of them
cases = Cases()


def case(name, function, *arguments):
    if ONLY in name:
        cases.case(name, function, *arguments)


class Forge:
    """What only who has the keys can do to a backup."""

    def __init__(self, aetheld):
        self.aetheld = aetheld

    def call(self, *arguments, data=b"", **environment):
        done = subprocess.run([os.environ["PROGRAMS"] + "/running_forge_test", self.aetheld.store, *arguments], input=data,
                              capture_output=True, env={**self.aetheld.environment, **environment})
        if done.returncode != 0:
            raise Failed(f"forge {arguments}: {done.stderr.decode()}")
        return done.stdout

    def catalog(self, backup, change):
        """A catalog that says something else."""
        text = json.loads(self.call("text", backup, "catalog"))
        change(text)
        self.call("reseal", backup, "catalog", data=json.dumps(text).encode())

    def manifest(self, backup, change):
        text = json.loads(self.call("manifest", backup))
        change(text)
        self.call("remanifest", backup, data=json.dumps(text).encode())


class Drilled:
    """A database with its backups; what is done to one of them is undone."""

    def __init__(self, scratch, major):
        self.server = scratch.server(major)
        self.server.create("faults")
        self.server.psql_file("faults", pathlib.Path(__file__).parent / "faults.sql")
        self.tools = scratch.folder / f"tools-{major}"
        self.tools.mkdir()
        for each in self.server.bin.iterdir():
            (self.tools / each.name).symlink_to(each)
        self.aetheld = Aetheld(scratch, self.server, "faults", f"faults-{major}")
        self.aetheld.config.write_text(self.aetheld.config.read_text().replace(str(self.server.bin), str(self.tools)))
        self.forge = Forge(self.aetheld)
        self.older = json.loads(self.aetheld.call("run", "--json"))["backup"]
        self.backup = json.loads(self.aetheld.call("run", "--json"))["backup"]
        self.clean = scratch.folder / f"clean-{major}"
        shutil.copytree(self.aetheld.store, self.clean)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        shutil.rmtree(self.aetheld.store)
        shutil.copytree(self.clean, self.aetheld.store)
        self.restore_with(None)

    def restore_with(self, script):
        """pg_restore, and then what the script does: `real` is the true one, `sql` runs statements in what was restored."""
        program = self.tools / "pg_restore"
        program.unlink()
        if script is None:
            program.symlink_to(self.server.bin / "pg_restore")
            return
        real = self.server.bin / "pg_restore"
        program.write_text(f"""#!/bin/sh
real() {{ {real} "$@"; }}
sql() {{
  name=$({self.server.bin}/psql -X -A -t -d template1 -c "SELECT datname FROM pg_database WHERE datname NOT LIKE 'template_'")
  {self.server.bin}/psql -X -q -v ON_ERROR_STOP=1 -d "$name"
}}
case " $* " in
*" --create "*) ;;
*) exec {real} "$@" ;;
esac
{script}
""")
        program.chmod(0o755)

    def report(self, verb="drill", *arguments, **environment):
        done = self.aetheld.try_call(verb, self.backup, "--json", *arguments, **environment)
        if done.returncode not in (0, 1):
            raise Failed(f"{verb} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def red(self, report, name, message):
        """Red, for this reason; and the backup counts for no more than before it."""
        equal(report["passed"], False, "passed")
        failed = {each["name"]: each["message"] for each in report["checks"] if each["outcome"] == "failed"}
        if name not in failed:
            raise Failed(f"{name!r} is not among what failed: {failed}")
        contains(failed[name], message)
        proof = {each["id"]: each for each in json.loads(self.aetheld.call("list", "--json"))["backups"]}[self.backup]
        if proof["proven"] in ("L3", "L4") or not proof["failed"]:
            raise Failed(f"listed as {proof}")


# In the restored cluster: what a restore, or a database that another restored, could have got wrong.
RESTORED = (
    ("a row is removed", "DELETE FROM app.items WHERE id = 7", "digests", '"app"."items" has 499 rows; the source had 500'),
    ("a row is added", "INSERT INTO app.items VALUES (501, 'more')", "digests", '"app"."items" has 501 rows'),
    ("a row is changed", "UPDATE app.items SET price = price + 0.01 WHERE id = 7", "digests", '"app"."items" has other contents'),
    ("one row is there twice and another not at all", "UPDATE app.plain SET n = 1 WHERE n = 2", "digests", '"app"."plain" has other contents'),
    ("a NULL became an empty text", "UPDATE app.items SET note = '' WHERE id = 9", "digests", "other contents"),
    # What hashes of the types themselves call equal, or a sum over rows.
    *((f"app.exact: {change}", f"UPDATE app.exact SET {change}", "digests", '"app"."exact" has other contents') for change in (
        "big = 4294967300 WHERE big = 5", "at = at + interval '1 microsecond' WHERE id = 3", "clock = '01:02:03.000001' WHERE id = 3",
        "amount = '1.00' WHERE id = 3", """about = '{"a": 1.00}' WHERE id = 3""", "flag = NOT flag", "fixed = 'ac' WHERE id = 3", "real = '-0' WHERE id = 3",
        "code = 'X' WHERE id = 3", "net = '10.0.0.1/24' WHERE id = 3", "folded = 'word' WHERE id = 3", "long = '30 days' WHERE id = 3",
        "list = '[0:1]={1,2}' WHERE id = 3", "note = 'n' || (21 - id)", "big = 21 - big", "raw = '\\x00' WHERE id = 3", "note = NULL, code = 'n3' WHERE id = 3")),
    ("a table is lost", "DROP TABLE app.plain", "digests", '"app"."plain" is not there'),
    ("a table is new", "CREATE TABLE app.fresh (id int)", "digests", '"app"."fresh" is new'),
    ("a materialised view is not filled", "REFRESH MATERIALIZED VIEW app.totals WITH NO DATA", "digests", "is not filled"),
    ("a sequence is moved", "SELECT nextval('app.counter')", "sequences", '"app"."counter" is at'),
    ("a sequence was not called", "SELECT setval('app.counter', 77, false)", "sequences", '"app"."counter" is at'),
    ("a grant is dropped", "REVOKE SELECT ON app.items FROM fault_reader", "schema", "GRANT SELECT ON TABLE app.items"),
    ("a grant is added", "GRANT DELETE ON app.items TO fault_reader", "schema", "items"),
    ("an owner is changed", "ALTER TABLE app.plain OWNER TO fault_reader", "schema", "OWNER TO fault_owner"),
    ("a comment is changed", "COMMENT ON TABLE app.items IS 'another'", "schema", "COMMENT ON TABLE"),
    ("a trigger is disabled", "ALTER TABLE app.items DISABLE TRIGGER noted", "schema", "DISABLE TRIGGER"),
    ("a function has another body", "CREATE OR REPLACE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 3 * n'",
     "schema", "FUNCTION"),
    ("a view shows something else", "CREATE OR REPLACE VIEW app.cheap AS SELECT id FROM app.items WHERE price < 6", "schema", "VIEW"),
    ("a constraint is lost", "ALTER TABLE app.items DROP CONSTRAINT items_price_check", "schema", "items"),
    ("a default is another", "ALTER TABLE app.items ALTER note SET DEFAULT 'z'", "schema", "items"),
    ("an index is lost", "DROP INDEX app.items_name", "schema", "INDEX"),
    ("a policy is lost", "DROP POLICY mine ON app.secured", "schema", "POLICY"),
    ("row security is off", "ALTER TABLE app.secured DISABLE ROW LEVEL SECURITY", "schema", "ROW SECURITY"),
    ("a publication is lost", "DROP PUBLICATION news", "schema", "PUBLICATION"),
    ("an event trigger is off", "ALTER EVENT TRIGGER watch DISABLE", "schema", "EVENT TRIGGER"),
    ("a setting of the database is another", "ALTER DATABASE faults SET work_mem = '9MB'", "schema", "work_mem"),
    ("a label of an enum is another", "ALTER TYPE app.mood RENAME VALUE 'ok' TO 'well'", "schema", "mood"),
    ("an extension is missing", "DROP EXTENSION pg_trgm", "extensions", "pg_trgm is not there"),
    ("an extension has another version", "UPDATE pg_extension SET extversion = '1.4' WHERE extname = 'citext'", "extensions", "citext is 1.4"),
    ("an index is not valid", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.items_name'::regclass", "indexes",
     "items_name is not valid"),
    ("an index lacks a row", "UPDATE pg_index SET indisready = false WHERE indexrelid = 'app.items_name'::regclass; "
     "CREATE TEMP TABLE one AS SELECT * FROM app.items WHERE id = 7; DELETE FROM app.items WHERE id = 7; "
     "INSERT INTO app.items SELECT * FROM one; "
     "UPDATE pg_index SET indisready = true WHERE indexrelid = 'app.items_name'::regclass", "pages", "items_name"),
    ("a large object has other bytes", "SELECT lo_put(7001, 3, '\\x00')", "large objects", "contents, owners or rights"),
    ("a large object is lost", "SELECT lo_unlink(7001)", "large objects", "there are 1; the source had 2"),
    ("a large object has another owner", "ALTER LARGE OBJECT 7001 OWNER TO fault_reader", "large objects", "contents, owners or rights"),
    ("a role has another setting", "ALTER ROLE fault_reader SET work_mem = '9MB'", "roles", "9MB"),
    ("a role may not log in", "ALTER ROLE fault_reader NOLOGIN", "roles", "NOLOGIN"),
    ("a role is no member", "REVOKE fault_owner FROM fault_reader", "roles", "missing: GRANT fault_owner TO fault_reader"),
    ("a role is new", "CREATE ROLE fault_more", "roles", "more: CREATE ROLE fault_more"),
    ("the canary is another", "UPDATE aethel.canary SET nonce = 'of another backup'", "canary", "not the one that was written"),
    ("the canary is lost", "DELETE FROM aethel.canary", "canary", "not the one that was written"),
)


def in_restored(drilled, sql, name, message):
    with drilled:
        drilled.restore_with(f'real "$@" && sql <<"END"\n{sql};\nEND')
        drilled.red(drilled.report(), name, message)


def restores_nothing(drilled):
    with drilled:
        drilled.restore_with("cat > /dev/null")
        drilled.red(drilled.report(), "restore", "made no database")


def restore_fails(drilled):
    with drilled:
        drilled.restore_with('real "$@"; echo "pg_restore: planted" >&2; exit 1')
        drilled.red(drilled.report(), "restore", "planted")


# In the store: what a disk, a person or an attacker without keys does.
def flipped(drilled):
    with drilled:
        path = drilled.aetheld.store / f"objects/{drilled.backup}/archive-000001"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data)
        drilled.red(drilled.report(), "authentic", "has other bytes than were stored")


def lost(drilled):
    with drilled:
        (drilled.aetheld.store / f"objects/{drilled.backup}/archive-000001").unlink()
        drilled.red(drilled.report("verify", "--level", "L0"), "objects", "is lost")


def cut(drilled):
    with drilled:
        path = drilled.aetheld.store / f"objects/{drilled.backup}/archive-000001"
        path.write_bytes(path.read_bytes()[:-1])
        drilled.red(drilled.report(), "objects", "were stored")


def swapped(drilled):
    with drilled:
        folder = drilled.aetheld.store / "objects" / drilled.backup
        (folder / "archive-000001").rename(folder / "x")
        (folder / "catalog-000001").rename(folder / "archive-000001")
        (folder / "x").rename(folder / "catalog-000001")
        drilled.red(drilled.report(), "objects", "were stored")


def of_another_backup(drilled):
    """An object of an older backup, and a manifest - signed - that takes it for its own: seals know whose they are."""
    with drilled:
        objects = drilled.aetheld.store / "objects"
        shutil.copy(objects / drilled.older / "archive-000001", objects / drilled.backup / "archive-000001")
        other = json.loads(drilled.forge.call("manifest", drilled.older))
        drilled.forge.manifest(drilled.backup, lambda text: text.update(streams=[other["streams"][0], text["streams"][1]]))
        drilled.red(drilled.report(), "authentic", "segment 0 is not authentic")


def wrong_key(drilled, other):
    with drilled:
        report = drilled.report(BACKUP_SERVICE_KEY=other.environment["BACKUP_SERVICE_KEY"])
        drilled.red(report, "key", "is not sealed for this private key")


def unreadable(drilled, message):
    listing = json.loads(drilled.aetheld.call("list", "--json", code=1))
    equal([each["id"] for each in listing["backups"]], [drilled.older], "listed")
    equal(len(listing["unreadable"]), 1, "unreadable")
    contains(listing["unreadable"][0]["why"], message)
    for arguments in (("drill",), ("drill", drilled.backup), ("restore", "latest", "--to", drilled.server.url("faults")),
                      ("hold", "latest")):
        done = drilled.aetheld.try_call(*arguments)
        equal(done.returncode, 3, str(arguments))
        contains(done.stderr, message)
    equal(drilled.aetheld.try_call("verify", "--all", "--level", "L0").returncode, 1, "verify --all")
    contains(drilled.aetheld.try_call("prune").stderr, "cannot be read")


def manifest_edited(drilled):
    with drilled:
        path = drilled.aetheld.store / "manifests" / drilled.backup
        path.write_bytes(path.read_bytes().replace(b'"rows": ', b'"rows": 1', 1))
        unreadable(drilled, "it was changed")


def manifest_renamed(drilled):
    with drilled:
        folder = drilled.aetheld.store / "manifests"
        shutil.copy(folder / drilled.older, folder / drilled.backup)
        unreadable(drilled, "it is of backup")


def manifest_of_a_newer_program(drilled):
    with drilled:
        path = drilled.aetheld.store / "manifests" / drilled.backup
        path.write_bytes(path.read_bytes().replace(b"aethel manifest 1", b"aethel manifest 2", 1))
        unreadable(drilled, "this program knows formats up to 1")


def manifest_of_a_stranger(drilled, other):
    with drilled:
        text = drilled.forge.call("manifest", drilled.backup)
        drilled.forge.call("remanifest", drilled.backup, data=text, BACKUP_SIGNING_KEY=other.environment["BACKUP_SIGNING_KEY"],
                           FORGE_TRUSTED=drilled.aetheld.environment["BACKUP_SIGNING_KEY"])
        unreadable(drilled, "signed by nobody who is trusted here")


def of_another_repository(drilled, other):
    """A backup of another tenant, put into this store with all its objects; and signed by this one's key besides."""
    with drilled:
        theirs = json.loads(other.call("list", "--json"))["backups"][0]["id"]
        store = drilled.aetheld.store
        shutil.copytree(other.store / "objects" / theirs, store / "objects" / theirs)
        shutil.copy(other.store / "manifests" / theirs, store / "manifests" / theirs)
        done = drilled.aetheld.try_call("drill", theirs)
        equal(done.returncode, 3, "drill")
        contains(done.stderr, "signed by nobody who is trusted here")
        drilled.forge.call("remanifest", theirs, data=Forge(other).call("manifest", theirs))
        contains(drilled.aetheld.try_call("drill", theirs).stderr, "it is of another repository")


def report_forged(drilled, other):
    """Who cannot sign proves nothing; nor does a report of another backup."""
    with drilled:
        equal(json.loads(drilled.aetheld.call("drill", drilled.older, "--json"))["passed"], True, "the older one")
        reports = drilled.aetheld.store / "reports"
        (true,) = (reports / drilled.older).iterdir()
        (reports / drilled.backup).mkdir(exist_ok=True)
        shutil.copy(true, reports / drilled.backup / true.name)
        text = true.read_bytes().split(b"\n\n", 1)[1].replace(drilled.older.encode(), drilled.backup.encode())
        drilled.forge.call("report", drilled.backup, data=text, BACKUP_SIGNING_KEY=other.environment["BACKUP_SIGNING_KEY"],
                           FORGE_TRUSTED=drilled.aetheld.environment["BACKUP_SIGNING_KEY"])
        edited = true.read_bytes().replace(drilled.older.encode(), drilled.backup.encode())
        (reports / drilled.backup / (true.name[:-8] + "00000000")).write_bytes(edited)
        proven = {each["id"]: each["proven"] for each in json.loads(drilled.aetheld.call("list", "--json"))["backups"]}
        equal(proven, {drilled.older: "L3", drilled.backup: None}, "proven")


# Sealed and signed, and wrong: what only a broken program could have stored.
def catalog_of_another_backup(drilled):
    with drilled:
        drilled.forge.call("reseal", drilled.backup, "catalog", data=drilled.forge.call("text", drilled.older, "catalog"))
        drilled.red(drilled.report(), "canary", "not the one that was written before this backup")


def archive_of_another_backup(drilled):
    with drilled:
        drilled.forge.call("reseal", drilled.backup, "archive", data=drilled.forge.call("text", drilled.older, "archive"))
        drilled.red(drilled.report(), "canary", "not the one that was written before this backup")


def archive_is(drilled, change, name, message, verb="drill"):
    with drilled:
        data = drilled.forge.call("text", drilled.backup, "archive")
        drilled.forge.call("reseal", drilled.backup, "archive", data=change(data))
        drilled.red(drilled.report(verb), name, message)


def changed_value(data):
    changed = data.replace(b"item number 123\t", b"item number 321\t", 1)
    if changed == data:
        raise Failed("there is no such row")
    return changed


def catalog_says(drilled, change, name, message):
    with drilled:
        drilled.forge.catalog(drilled.backup, change)
        drilled.red(drilled.report(), name, message)


def one_row_more(catalog):
    for each in catalog["relations"]:
        if each["name"] == "items":
            each["rows"] += 1


# Wrong here, and not in the backup: that is said, and nothing is held against it.
def cannot(drilled, message):
    done = drilled.aetheld.try_call("drill", drilled.backup)
    equal(done.returncode, 3, "exit code")
    contains(done.stderr, "cannot be proven here")
    contains(done.stderr, message)
    if (drilled.aetheld.store / "reports").exists():
        equal(list((drilled.aetheld.store / "reports").rglob("*-*")), [], "reports")


def no_programs(drilled):
    with drilled:
        (drilled.tools / "initdb").rename(drilled.tools / "x")
        try:
            cannot(drilled, "a drill needs the server programs of PostgreSQL 18")
        finally:
            (drilled.tools / "x").rename(drilled.tools / "initdb")


def no_room(drilled):
    with drilled:
        drilled.forge.manifest(drilled.backup, lambda text: text.update(database_bytes=1 << 60))
        cannot(drilled, "MiB left; a drill of this backup needs")


def no_extension(drilled):
    with drilled:
        drilled.forge.catalog(drilled.backup, lambda text: text["extensions"].append({"name": "absent", "version": "1"}))
        cannot(drilled, "the database uses the extension absent, which the server in")


def faults(scratch, major):
    drilled = Drilled(scratch, major)
    report = drilled.report()
    equal((report["passed"], report["level"]), (True, 3), "without a fault")
    equal([each for each in report["checks"] if each["outcome"] != "passed"], [], "without a fault")
    drilled.__exit__()
    for name, sql, check, message in RESTORED:
        case(f"fault in what was restored: {name}", in_restored, drilled, sql, check, message)
    drilled.server.create("tenant")
    other = Aetheld(scratch, drilled.server, "tenant", "tenant")
    other.call("run")
    for name, function, *more in (
            ("restores nothing and says that all is well", restores_nothing), ("fails at its end", restore_fails)):
        case(f"fault of pg_restore: {name}", function, drilled, *more)
    for name, function, *more in (
            ("a flipped bit", flipped), ("a lost object", lost), ("a cut object", cut), ("swapped objects", swapped),
            ("an object of another backup", of_another_backup), ("another key", wrong_key, other), ("an edited manifest", manifest_edited),
            ("a manifest of another backup", manifest_renamed), ("a manifest of a newer program", manifest_of_a_newer_program),
            ("a manifest that a stranger signed", manifest_of_a_stranger, other),
            ("a backup of another repository", of_another_repository, other), ("forged reports", report_forged, other)):
        case(f"fault in the store: {name}", function, drilled, *more)
    for name, function, *more in (
            ("the catalog of another backup", catalog_of_another_backup), ("the archive of another backup", archive_of_another_backup),
            ("half an archive", archive_is, lambda data: data[:len(data) // 2], "archive", "pg_restore"),
            ("an empty archive", archive_is, lambda data: b"", "archive", "pg_restore", "verify"),
            ("an archive of something else", archive_is, lambda data: b"-- PostgreSQL database dump\n", "archive", "pg_restore", "verify"),
            ("a value that is another in the archive", archive_is, changed_value, "digests", '"app"."items" has other contents'),
            ("a catalog that counts one row more", catalog_says, one_row_more, "rows", "has 500 rows in the dump; the source had 501"),
            ("a catalog with another canary", catalog_says, lambda text: text.update(canary="0" * 32), "canary", "not the one that was written"),
            ("a catalog with another schema", catalog_says, lambda text: text.update(schema=text["schema"] + "\nSELECT 1;\n"), "schema", "SELECT 1"),
            ("a catalog with one more extension", catalog_says,
             lambda text: text["extensions"].append({"name": "hstore", "version": "1.8"}), "extensions", "hstore is not there")):
        case(f"fault in what was sealed: {name}", function, drilled, *more)
    for name, function in (("no server programs", no_programs), ("no room", no_room), ("no such extension", no_extension)):
        case(f"no fault of the backup: {name}", function, drilled)


def may_read(scratch, major):
    """A role that may read everything and no more: what it lacks is said before, and its backups are proven as any."""
    server = scratch.server(major, "rights")
    server.create("rights")
    server.psql_file("rights", pathlib.Path(__file__).parent / "faults.sql")
    server.psql("rights", "CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA app TO reader; GRANT INSERT ON aethel.canary TO reader")
    aetheld = Aetheld(scratch, server, "rights", f"reader-{major}")
    aetheld.environment["DATABASE_URL"] = server.url("rights", "reader")

    def bad():
        done = aetheld.try_call("check", "--json")
        return {each["what"]: each["message"] for each in json.loads(done.stdout) if each["state"] != "good"}

    if "rights" not in bad():
        raise Failed("a role without rights is not told")
    server.psql("rights", "GRANT pg_read_all_data TO reader; ALTER ROLE reader BYPASSRLS")
    contains(bad()["rights"], "the role may not read large object 7001 and 1 more")
    contains(bad()["canary"], "may not be written")
    refused = aetheld.try_call("run")
    equal(refused.returncode, 3, "large objects that may not be read")
    contains(refused.stderr, "permission denied for large object 7001")
    server.psql("rights", "GRANT SELECT ON LARGE OBJECT 7001, 7002 TO reader")
    # One of two rights is none.
    equal(json.loads(aetheld.call("run", "--json"))["notes"], ["no canary: aethel.canary is not there or may not be written"], "notes")
    server.psql("rights", "GRANT USAGE ON SCHEMA aethel TO reader; GRANT UPDATE ON aethel.canary TO reader")
    equal(bad(), {}, "check")
    # What pg_dump says nothing of.
    server.psql("rights", """
      CREATE SUBSCRIPTION far CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false);
      CREATE FOREIGN DATA WRAPPER far; CREATE SERVER far FOREIGN DATA WRAPPER far;
      CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'x', password 'planted')""")
    contains(bad()["rights"], "left out: options, such as passwords, of 1 user mapping")
    notes = json.loads(aetheld.call("run", "--json"))["notes"]
    equal(notes[0], "left out: 1 subscription, which pg_dump gives to superusers only", notes)
    equal((len(notes), notes[1]), (2, bad()["rights"]), notes)
    server.psql("rights", "ALTER SUBSCRIPTION far SET (slot_name = NONE); DROP SUBSCRIPTION far; DROP FOREIGN DATA WRAPPER far CASCADE")
    made = json.loads(aetheld.call("run", "--json"))
    equal(made["notes"], [], "notes")
    report = json.loads(aetheld.call("drill", made["backup"], "--json"))
    equal([each for each in report["checks"] if each["outcome"] != "passed"], [], "drill")


with Scratch() as scratch:
    if "odd" not in ONLY:
        faults(scratch, 18)
        for major in (18, 15):
            case(f"rights to read, PostgreSQL {major}", may_read, scratch, major)
    from drill_odd import odd  # the databases that stay green
    odd(scratch, case, Aetheld)
cases.finish()
