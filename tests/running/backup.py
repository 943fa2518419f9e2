"""Backups of real servers: a database with every kind of object, under writes, restores to what it was."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time

from servers import Aetheld, Cases, Failed, Scratch, contains, equal

HERE = os.path.dirname(os.path.abspath(__file__))
cases = Cases()


def every_kind(scratch, major):
    server = scratch.server(major)
    server.create("every")
    server.psql_file("every", os.path.join(HERE, "every_kind.sql"))
    aetheld = Aetheld(scratch, server, "every", f"repository-{major}")
    check = json.loads(aetheld.call("check", "--json"))
    equal([(each["state"], each["what"]) for each in check if each["state"] != "good"], [("warning", "relations")], "check")

    # Writers that never rest: rows come, change and go, sequences run, a large object is rewritten.
    stop = threading.Event()
    failures = []

    def write(number):
        while not stop.is_set():
            try:
                server.psql("every", f"""
                  INSERT INTO app.edges (big, tag, nothing) SELECT g, 'w', repeat('x', 200) FROM generate_series(1, 50) g;
                  UPDATE app.edges SET small = {number} WHERE id % 7 = {number};
                  DELETE FROM app.edges WHERE id % 11 = {number} AND tag = 'w';
                  INSERT INTO app.events VALUES ('2026-05-05', 'b', {number});
                  SELECT nextval('app.counter') FROM generate_series(1, 20);
                  SELECT lo_put(9100{number}, 0, '\\x4142');
                """)
            except Failed as failure:
                # Writers may deadlock each other, as clients do, and go on.
                if "deadlock detected" not in str(failure):
                    failures.append(failure)
                    return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            made = json.loads(aetheld.call("run", "--json"))
            equal(made["notes"], [], "notes")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    equal(failures, [], "writers")
    for backup in json.loads(aetheld.call("list", "--json"))["backups"]:
        report = json.loads(aetheld.call("drill", backup["id"], "--json"))
        equal((report["passed"], report["level"]), (True, 3), "drill")
        skipped = [each["name"] for each in report["checks"] if each["outcome"] == "skipped"]
        equal(skipped, [], "skipped checks")
    equal([each["proven"] for each in json.loads(aetheld.call("list", "--json"))["backups"]], ["L3"] * 3, "proven")

    # Into the same server, where the roles are, and compared by hand once more.
    server.create("copy", "TEMPLATE template0")
    contains(aetheld.call("restore", "latest", "--to", server.url("copy")), "equal to the source")
    count = "SELECT count(*), sum(octet_length(body)), count(*) FILTER (WHERE body IS NULL) FROM app.huge"
    equal(server.psql("copy", count), server.psql("every", count), "app.huge")
    refused = aetheld.try_call("restore", "latest", "--to", server.url("copy"))
    equal(refused.returncode, 3, "a target with data")
    contains(refused.stderr, "is not empty")

    # Onto a server that has no roles yet.
    other = scratch.server(major, "other")
    other.create("fresh", "TEMPLATE template0")
    contains(aetheld.call("restore", "latest", "--to", other.url("fresh"), "--roles"), "equal to the source")
    equal(other.psql("fresh", "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'every_reader'"), "7")

    # In place: what was there is kept under another name.
    other.psql("fresh", "DELETE FROM app.edges")
    confirm = aetheld.try_call("restore", "latest", "--to", other.url("fresh"), "--in-place")
    equal(confirm.returncode, 2, "in place without a word")
    out = aetheld.call("restore", "latest", "--to", other.url("fresh"), "--in-place", "--confirm", "fresh", "--spool",
                       str(aetheld.folder / "spool"))
    before = re.search(r'the database of before is "(.*?)"', out).group(1)
    equal(other.psql(before, "SELECT count(*) FROM app.edges"), "0")
    contains(other.psql("fresh", "SELECT count(*) > 0 FROM app.edges"), "t")
    # The safety backup is of what was there: no row of that table.
    contents = json.loads(aetheld.call("show", "latest", "--contents", "--json"))
    rows = {each["name"]: each.get("rows") for each in contents["catalog"]["relations"]}
    equal(rows["edges"], 0, "the safety backup")

    # One schema, one table.
    other.create("part", "TEMPLATE template0")
    other.psql("part", "CREATE TABLE public.mine (id int)")
    contains(aetheld.call("restore", json.loads(aetheld.call("list", "--json"))["backups"][0]["id"], "--to",
                          other.url("part"), "--table", "public.UPPER", "--no-owners"), "3 rows of 1 table,")
    equal(other.psql("part", 'SELECT count(*) FROM "UPPER"'), "3")
    parts(scratch, server, other)

    # No word of a secret, of a row or of a key is in what the store holds or in what is printed.
    for path in aetheld.store.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (b"planted", b"every_reader", b"edges", aetheld.environment["BACKUP_SERVICE_KEY"].encode()):
                if secret in data:
                    raise Failed(f"{path.name} holds {secret!r} in the clear")


PARTS = """
CREATE SCHEMA "my shop"; CREATE SCHEMA shop;
CREATE TABLE shop.customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES shop.customers, note text CHECK (note <> ''), made date DEFAULT '2026-01-01');
CREATE INDEX "of note" ON shop.orders (note) WHERE note > 'a';
CREATE STATISTICS shop.linked ON id, customer FROM shop.orders;
COMMENT ON COLUMN shop.orders.note IS 'in words';
CREATE FUNCTION shop.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER nothing BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.nothing();
CREATE TABLE "my shop".things (id int PRIMARY KEY, customer int REFERENCES shop.customers);
CREATE TABLE "my shop".parts (id int) PARTITION BY RANGE (id);
CREATE TABLE "my shop".low PARTITION OF "my shop".parts FOR VALUES FROM (0) TO (10);
CREATE INDEX ON "my shop".parts (id);
INSERT INTO shop.customers (name) VALUES ('a'), ('b');
INSERT INTO shop.orders (customer, note) SELECT 1 + g % 2, g FROM generate_series(1, 2000) g;
INSERT INTO "my shop".things VALUES (1, 1), (2, 2);
INSERT INTO "my shop".low VALUES (1);
"""


def parts(scratch, server, other):
    """A table comes with its keys, indexes, defaults and sequences, a schema with all that is in it, into a database that has neither."""
    server.create("shop", "TEMPLATE template0")
    server.psql("shop", PARTS)
    aetheld = Aetheld(scratch, server, "shop", f"parts-{server.major}")
    aetheld.call("run")
    shape = """SELECT string_agg(w, E'\n' ORDER BY w) FROM (
      SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'shop.orders'::regclass
      UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'shop.orders'::regclass AND contype <> 'f'
      UNION ALL SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 'shop.orders'::regclass
      UNION ALL SELECT attname || ' ' || attidentity::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || coalesce(col_description(attrelid, attnum), '')
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = 'shop.orders'::regclass AND attnum > 0) AS s(w)"""
    other.create("one", "TEMPLATE template0")
    done = json.loads(aetheld.call("restore", "latest", "--to", other.url("one"), "--table", "shop.orders", "--no-owners", "--json"))
    equal((done["rows"], done["tables"]), (2000, 1), "a table")
    equal(sorted(done["notes"]), ["left out: foreign key orders_customer_fkey of shop.orders to shop.customers", "left out: trigger nothing of shop.orders"])
    equal(other.psql("one", shape), server.psql("shop", shape), "what belongs to a table")
    equal(other.psql("one", "INSERT INTO shop.orders (note) VALUES ('b') RETURNING id").splitlines()[0], "2001", "its sequence")
    equal(other.psql("one", "SELECT to_regclass('shop.customers') IS NULL"), "t", "what was not asked for")

    refused = aetheld.try_call("restore", "latest", "--to", other.url("one"), "--table", "shop.orders")
    equal(refused.returncode, 3, "a table that is there")
    contains(refused.stderr, "has shop.orders already\n  help: drop or rename what is there first")
    for name, hint in (("shop.ordres", 'did you mean "shop.orders"?'), ("orders", "write it as schema.table: shop.orders")):
        refused = aetheld.try_call("restore", "latest", "--to", other.url("one"), "--table", name)
        equal(refused.returncode, 3, name)
        contains(refused.stderr, f'no table "{name}"\n  help: {hint}')

    # Two tables with the key between them, of two schemas that each have more.
    other.create("two", "TEMPLATE template0")
    done = json.loads(aetheld.call("restore", "latest", "--to", other.url("two"), "--table", "shop.customers", "--table", "my shop.things", "--no-owners", "--json"))
    equal((done["rows"], done["notes"]), (4, []), "two tables")
    equal(other.psql("two", "SELECT conname FROM pg_constraint WHERE contype = 'f'"), "things_customer_fkey")

    other.create("whole", "TEMPLATE template0")
    done = json.loads(aetheld.call("restore", "latest", "--to", other.url("whole"), "--schema", "shop", "--no-owners", "--json"))
    equal((done["rows"], done["tables"], done["notes"]), (2002, 2, []), "a schema")
    equal(other.psql("whole", "SELECT count(*) FROM pg_trigger WHERE tgname = 'nothing'"), "1")
    done = json.loads(aetheld.call("restore", "latest", "--to", other.url("whole"), "--schema", "my shop", "--no-owners", "--json"))
    equal(done["notes"], ["left out: foreign key things_customer_fkey of my shop.things to shop.customers"], "a schema beside it")
    equal(other.psql("whole", 'SELECT count(*) FROM "my shop".parts'), "1", "a partitioned table of it")


ITSELF = """
CREATE SCHEMA app; CREATE TABLE app.t AS SELECT g FROM generate_series(1, 100) g;
CREATE ROLE app LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE maker LOGIN CREATEDB;
ALTER DATABASE "my shop" SET search_path = app, public;
ALTER DATABASE "my shop" SET my.words = E'one\n\nALTER DATABASE "my shop" two';
ALTER ROLE app IN DATABASE "my shop" SET work_mem = '7MB';
ALTER DATABASE "my shop" CONNECTION LIMIT 50;
COMMENT ON DATABASE "my shop" IS E'it''s\n\nDATABASE "my shop" of old';
REVOKE ALL ON DATABASE "my shop" FROM PUBLIC;
GRANT CONNECT ON DATABASE "my shop" TO app;
"""
OF_ITSELF = """
SELECT datconnlimit, datacl, shobj_description(d.oid, 'pg_database'),
       (SELECT string_agg(format('%s %s', setrole::regrole, setconfig), E'\n' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid)
  FROM pg_database d WHERE datname = current_database();
"""


def itself(scratch, major):
    """A restore brings what belongs to the database and not into it; in place it is of the whole, and of what somebody meant."""
    server = scratch.server(major, "owner")
    server.create("my shop", "TEMPLATE template0")
    server.psql("my shop", ITSELF)
    aetheld = Aetheld(scratch, server, "my shop", f"itself-{major}")
    meant = json.loads(aetheld.call("run", "--json"))["backup"]
    before = server.psql("my shop", OF_ITSELF)
    contains(before, "7MB")

    def backups():
        return len(json.loads(aetheld.call("list", "--json"))["backups"])

    server.create("other", "TEMPLATE template0")
    out = aetheld.call("restore", "latest", "--to", server.url("other"))
    equal(server.psql("other", OF_ITSELF), before, out)

    # None of these has changed anything, or made a backup that nobody needs.
    refused = aetheld.try_call("restore", meant, "--in-place", "--confirm", "my shop", "--table", "app.t")
    equal(refused.returncode, 2, refused.stderr)
    contains(refused.stderr, "--in-place replaces the whole database")
    server.psql("my shop", "GRANT CONNECT ON DATABASE \"my shop\" TO maker; GRANT pg_read_all_data TO maker")
    refused = aetheld.try_call("restore", meant, "--in-place", "--confirm", "my shop", "--to", server.url("my shop", "maker"))
    equal(refused.returncode, 3, refused.stderr)
    contains(refused.stderr, "may not replace the database")
    equal(backups(), 1, "backups")
    aetheld.environment["DATABASE_URL"] = server.url("my shop", "maker")

    server.psql("my shop", """
      ALTER DATABASE "my shop" RESET ALL; ALTER DATABASE "my shop" CONNECTION LIMIT -1; ALTER ROLE app IN DATABASE "my shop" RESET ALL;
      GRANT CONNECT ON DATABASE "my shop" TO PUBLIC; COMMENT ON DATABASE "my shop" IS NULL""")
    # By whatever database the role comes, the one that is backed up is replaced.
    aetheld.environment["RESTORE_DATABASE_URL"] = server.url("postgres")
    replaced = []
    for time in (1, 2):
        # The second time the newest backup is the one that the first made of what it replaced.
        # The database of before of the first is still there.
        server.psql("my shop", "DELETE FROM app.t")
        out = aetheld.call("restore", "latest", "--in-place", "--confirm", "my shop")
        equal(backups(), 1 + time, out)
        equal(server.psql("my shop", "SELECT count(*) FROM app.t"), "100", out)
        equal(server.psql("my shop", OF_ITSELF), before, out)
        try:
            server.psql("my shop", "SELECT", user="stranger")
        except Failed as failure:
            contains(str(failure), "permission denied for database")
        else:
            raise Failed("who was kept out may enter after the restore")
        replaced.append(re.search(r'the database of before is "(.*?)"', out).group(1))
    for name in replaced:
        server.psql("postgres", f'DROP DATABASE "{name}"')
    equal(json.loads(aetheld.call("show", "latest", "--json"))["notes"][0], "made before a restore in place", "the newest")


def on_a_terminal(aetheld, *arguments):
    """What a verb says where somebody looks, and nothing of it where nobody does."""
    terminal, its_end = os.openpty()
    process = subprocess.Popen([aetheld.program, "backup", *arguments], env=aetheld.environment, cwd=aetheld.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its_end, text=True)
    os.close(its_end)
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while part := os.read(terminal, 4096):
            said += part
    os.close(terminal)
    out = process.communicate(timeout=300)[0]
    equal(process.returncode, 0, (out, said))
    return said.decode()


def progress(scratch, major):
    """How fast, and how much longer."""
    server = scratch.servers[0]
    server.create("long")
    for number in range(8):
        server.psql("long", f"CREATE TABLE t{number} AS SELECT g, md5(g::text) || md5((g + 1)::text) AS v FROM generate_series(1, 250000) g")
    aetheld = Aetheld(scratch, server, "long", "progress")
    size = r"[\d.]+ [kMG]?B"
    said = on_a_terminal(aetheld, "run")
    if not re.search(rf"{size} dumped at {size}/s, {size} stored, digests \d+ %, [\d.]+ s left", said):
        raise Failed(f"no progress of a run: {said!r}")
    server.create("long copy")
    for arguments in (("drill", "latest"), ("restore", "latest", "--to", server.url("long copy"))):
        said = on_a_terminal(aetheld, *arguments)
        # What is in one object comes at once: no rate of it is worth a word.
        if not re.search(rf"restoring, {size} of {size} read( at {size}/s, [\d.]+ s left)?\r", said):
            raise Failed(f"no progress of {arguments[0]}: {said!r}")
    equal(aetheld.try_call("verify", "latest").stderr, "", "where nobody looks")


def fail_together(scratch, major):
    """When one part of a run fails the others end at once, also where the server does not answer them any more."""
    server = scratch.servers[0]
    server.create("slow")
    server.psql("slow", "CREATE TABLE t AS SELECT g, repeat(md5(g::text), 4) AS v FROM generate_series(1, 1500000) g")
    aetheld = Aetheld(scratch, server, "slow", "together")

    def backend(like):
        begin = time.monotonic()
        look = f"SELECT pid FROM pg_stat_activity WHERE datname = 'slow' AND state = 'active' AND query LIKE '{like}' AND pid <> pg_backend_pid()"
        while not (pids := server.psql("slow", look)):
            if run.poll() is not None or time.monotonic() - begin > 20:
                raise Failed(f"no session of {like}")
            time.sleep(0.02)
        return int(pids.split()[0])

    run = subprocess.Popen([aetheld.program, "backup", "run"], env=aetheld.environment, cwd=aetheld.folder,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    frozen = 0
    try:
        frozen = backend("SELECT count(*)%hash%")
        os.kill(frozen, signal.SIGSTOP)
        os.kill(backend("COPY %"), signal.SIGTERM)
        begin = time.monotonic()
        said = run.communicate(timeout=60)[1]
        took = time.monotonic() - begin
    finally:
        run.kill()
        run.wait()
        if frozen:
            os.kill(frozen, signal.SIGCONT)
    equal((run.returncode, took < 3), (3, True), (said, took))
    contains(said, "Dumping the contents of table")
    equal([each for each in (aetheld.store / "objects").rglob("*") if each.is_file()], [], "what is left of it")
    # The server was asked to stop as well.
    begin = time.monotonic()
    while server.psql("slow", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'slow' AND application_name = 'aethel backup'") != "0":
        if time.monotonic() - begin > 5:
            raise Failed("sessions of it are left at the server")
        time.sleep(0.1)


def keys(scratch, major):
    """Keys are rotated, and every backup opens with the new, the old and the recovery key."""
    server = scratch.servers[0]
    server.create("small")
    server.psql("small", "CREATE TABLE t AS SELECT g FROM generate_series(1, 10) g")
    aetheld = Aetheld(scratch, server, "small", "keys")
    aetheld.call("run")
    kit = (aetheld.folder / "aethel-recovery-kit.txt").read_text()
    private = re.search(r"aethel-private-[\sa-z2-7-]*?\n\n", kit).group(0)
    signer = re.search(r"aethel-signer-[\sa-z2-7-]*?\n\n", kit).group(0)
    old = dict(aetheld.environment)
    aetheld.call("keys", "rotate", "service")
    new = (aetheld.folder / "aethel-new-key.env").read_text().strip().split("=", 1)[1]
    aetheld.environment["BACKUP_SERVICE_KEY"] = new
    aetheld.call("run")
    for name, key, backups in (("new", new, 2), ("old", old["BACKUP_SERVICE_KEY"], 1), ("recovery", private, 2)):
        done = aetheld.try_call("verify", "--all", BACKUP_SERVICE_KEY=key)
        equal(done.stdout.count("proven to L2"), backups, f"opened with the {name} key")
    # The signing key too: who trusts the signer of the kit follows.
    aetheld.call("keys", "rotate", "signing", "--out", "signing.env")
    aetheld.environment["BACKUP_SIGNING_KEY"] = (aetheld.folder / "signing.env").read_text().strip().split("=", 1)[1]
    aetheld.call("run")
    aetheld.config.write_text(aetheld.config.read_text() + f"  signer: {' '.join(signer.split()).replace(' ', '-')}\n")
    bare = {**aetheld.environment, "BACKUP_SERVICE_KEY": private}
    del bare["BACKUP_SIGNING_KEY"]
    aetheld.environment = bare
    equal(len(json.loads(aetheld.call("list", "--json"))["backups"]), 3)
    aetheld.call("verify", "latest")


def errors(scratch, major):
    """What is wrong is said with its place, before anything is done, and without a secret."""
    server = scratch.servers[0]
    aetheld = Aetheld(scratch, server, "small", "errors")
    good = aetheld.config.read_text()
    for text, message in (
            (good.replace("database: main", "databse: main"), 'unknown key "databse"'),
            (good + "  retention:\n    within: 3 parsecs\n", "not a duration"),
            (good + "  compression: 25\n", "zstd has levels up to 19"),
            (good.replace("    folder:", "    bucket: b\n    folder:", 1), "names two places"),
            ("version: 1\n", 'no part "backup"')):
        aetheld.config.write_text(text)
        done = aetheld.try_call("check")
        equal(done.returncode, 2, message)
        contains(done.stderr, message)
        contains(done.stderr, "aethel.yaml")
    aetheld.config.write_text(good)
    for name, value, code, message in (
            ("DATABASE_URL", "postgresql://u:hunter2@h:notaport/d", 3, "cannot connect"),
            ("DATABASE_URL", "mysql://u:hunter2@h/d", 2, "DATABASE_URL: the address of the database is neither a URL nor"),
            ("DATABASE_URL", server.url("absent"), 3, "does not exist"),
            ("BACKUP_SIGNING_KEY", aetheld.environment["BACKUP_SERVICE_KEY"], 2, "BACKUP_SIGNING_KEY: this is a private key"),
            ("BACKUP_SIGNING_KEY", aetheld.environment["BACKUP_SIGNING_KEY"][:-1] + "!", 2, "BACKUP_SIGNING_KEY: a signing key has a character that no key has")):
        done = aetheld.try_call("run", **{name: value})
        equal(done.returncode, code, message)
        contains(done.stderr, message)
        for secret in ("hunter2", aetheld.environment["BACKUP_SERVICE_KEY"], aetheld.environment["BACKUP_SIGNING_KEY"]):
            if secret in done.stdout + done.stderr:
                raise Failed(f"a secret is printed with {message!r}")
    # Nothing that failed left anything.
    equal(json.loads(aetheld.call("list", "--json")), {"backups": [], "unreadable": []})
    equal([path for path in (aetheld.store / "objects").rglob("*") if path.is_file()] if
          (aetheld.store / "objects").exists() else [], [])


with Scratch() as scratch:
    for major in (18, 15):
        cases.case(f"every kind of object, PostgreSQL {major}", every_kind, scratch, major)
        cases.case(f"the database itself, PostgreSQL {major}", itself, scratch, major)
    cases.case("progress", progress, scratch, 18)
    cases.case("fail together", fail_together, scratch, 18)
    cases.case("keys", keys, scratch, 18)
    cases.case("errors", errors, scratch, 18)
cases.finish()
