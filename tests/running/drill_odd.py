"""Databases that are odd and healthy: their backups are drilled to L3, with nothing skipped but the canary that they do not have."""

import json
import os
import re

from servers import Failed, contains, equal

TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 20) g;"

SETTINGS = """
CREATE TABLE t (id int PRIMARY KEY, at timestamptz, long interval, b bytea, d double precision, list text[], m money, x xml, v text);
INSERT INTO t VALUES (1, '2026-02-03 04:05:06+00', '-1 day +02:03:04', '\\x5c00ff', 0.1, '{a,NULL,"NULL"}', '1234.56', '<a/>', E'a\\\\b''c');
CREATE VIEW w AS SELECT id, at > '2026-01-02'::timestamptz AS later, v = 'x\\y' AS same FROM t;
CREATE TABLE big AS SELECT g, md5(g::text) FROM generate_series(1, 20000) g;
CREATE ROLE odd_settings;
"""
# The last ones: what follows them in a session would fail or mean something else.
for setting in ("DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'", "TimeZone = 'Asia/Kathmandu'", "bytea_output = 'escape'",
                "extra_float_digits = -10", "search_path = 'nowhere'", "client_encoding = 'LATIN1'", "quote_all_identifiers = on",
                "array_nulls = off", "transform_null_equals = on", "xmloption = 'document'", "standard_conforming_strings = off",
                "backslash_quote = on", "default_transaction_isolation = 'serializable'", "row_security = off", "jit = on",
                "session_replication_role = 'replica'", "check_function_bodies = off", "default_toast_compression = 'lz4'",
                "idle_in_transaction_session_timeout = '1s'", "statement_timeout = '300ms'", "lock_timeout = '10ms'",
                "log_statement = 'all'", "default_transaction_read_only = on"):
    if "lz4" not in setting:
        SETTINGS += f"ALTER DATABASE odd SET {setting};\n"

EVENTS = """
CREATE TABLE t AS SELECT 1 AS a;
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no % here'', tg_tag; END';
CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse();
ALTER EVENT TRIGGER refuse ENABLE ALWAYS;
"""
LOGIN = EVENTS + """
ALTER EVENT TRIGGER refuse DISABLE;
CREATE FUNCTION greet() RETURNS event_trigger LANGUAGE plpgsql
  AS 'BEGIN IF session_user <> ''postgres'' THEN RAISE EXCEPTION ''who are you''; END IF; END';
CREATE EVENT TRIGGER greet ON login EXECUTE FUNCTION greet();
ALTER EVENT TRIGGER greet ENABLE ALWAYS;
ALTER EVENT TRIGGER refuse ENABLE ALWAYS;
"""

SHAPES = """
CREATE ROLE odd_owner; CREATE ROLE "Odd 'Role'; --" IN ROLE odd_owner; ALTER ROLE "Odd 'Role'; --" SET "app.note" = E'a''b\\\\c';
CREATE TABLE none (); INSERT INTO none DEFAULT VALUES; INSERT INTO none DEFAULT VALUES;
CREATE UNLOGGED TABLE quick AS SELECT g FROM generate_series(1, 9) g;
CREATE TABLE parts (at date, n int) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parts_else PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT date '2025-12-25' + g, g FROM generate_series(1, 60) g;
CREATE TABLE above (a int); CREATE TABLE below (b int) INHERITS (above); INSERT INTO above VALUES (1); INSERT INTO below VALUES (2, 3);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY, p positive, twice int GENERATED ALWAYS AS (p * 2) STORED, gone int);
INSERT INTO made (p) VALUES (1), (2); ALTER TABLE made DROP COLUMN gone;
CREATE TABLE secret (id int, who text); INSERT INTO secret VALUES (1, 'a'); ALTER TABLE secret OWNER TO odd_owner;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY; CREATE POLICY nobody ON secret USING (false);
CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER away FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE far (id int) SERVER away;
CREATE PUBLICATION all_of_it FOR ALL TABLES; CREATE PUBLICATION part_of_it FOR TABLE made WITH (publish = 'insert');
CREATE TABLE "two
lines" ("a
b" serial, ";" text); INSERT INTO "two
lines" (";") VALUES ('x'), (E'\\n'), ('\\.');
CREATE FUNCTION lines() RETURNS text LANGUAGE sql AS $body$
SELECT 'a';


-- Name: fake; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE fake ();
SELECT 'b'
$body$;
CREATE TABLE "COPY ""x"" FROM stdin;" AS SELECT 1 AS "select";
COMMENT ON TABLE none IS E'a\\n\\n--\\n\\\\restrict x\\nb';
CREATE INDEX broken ON made (p); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
"""

HUGE = """
CREATE TABLE huge (id int, t text, b bytea);
INSERT INTO huge SELECT 1, string_agg(md5(g::text), E'\\n'), NULL FROM generate_series(1, 1000000) g;
INSERT INTO huge SELECT 2, NULL, decode(string_agg(md5(g::text), ''), 'hex') FROM generate_series(1, 1500000) g;
INSERT INTO huge VALUES (3, '', ''), (4, repeat('\\', 1000000), decode(repeat('00', 1000000), 'hex'));
"""

LATIN1 = """
SET client_encoding = 'UTF8';
CREATE TABLE "café" ("né" int PRIMARY KEY, v text DEFAULT 'ÿ'); INSERT INTO "café" VALUES (1, 'àéîõü'), (2, DEFAULT);
COMMENT ON COLUMN "café"."né" IS 'année'; CREATE SEQUENCE "séquence"; CREATE VIEW "vue" AS SELECT * FROM "café" WHERE v <> 'é';
"""
EUC_JP = """
SET client_encoding = 'UTF8';
CREATE TABLE "漢字" ("列" int PRIMARY KEY, v text DEFAULT '日本'); INSERT INTO "漢字" VALUES (1, 'かな カナ 漢字'), (2, DEFAULT);
COMMENT ON TABLE "漢字" IS '説明'; CREATE SEQUENCE "順";
"""
# Bytes that are no text in any encoding, in rows, names and comments.
SQL_ASCII = """
CREATE TABLE t (id int, v text); INSERT INTO t VALUES (1, E'caf\\xe9'), (2, E'\\xff\\xfe\\x80'), (3, 'plain');
DO $$ BEGIN
  EXECUTE 'CREATE TABLE "na' || E'\\xefve' || '" ("' || E'\\x80' || '" int)';
  EXECUTE 'INSERT INTO "na' || E'\\xefve' || '" VALUES (1), (2)';
  EXECUTE 'COMMENT ON TABLE t IS ' || quote_literal(E'caf\\xe9');
  EXECUTE 'CREATE SEQUENCE "' || E's\\xe9q' || '"';
END $$;
"""

MANY = """
DO $$ BEGIN
  FOR i IN 1 .. 2000 LOOP
    EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY)', i);
    IF i % 250 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$;
INSERT INTO t7 VALUES (1);
"""

CUSTOM = """
CREATE ROLE odd_public; ALTER SCHEMA public OWNER TO odd_public; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'ours'; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
""" + TABLE

# Name of the case, name of the database, options of CREATE DATABASE, statements, major versions (both when none is said).
ODD = (
    ("empty", "odd", "", "", ()),
    ("empty tables", "odd", "", "CREATE TABLE a (id int); CREATE TABLE b (id serial PRIMARY KEY, t text);", (18,)),
    ("only extensions", "odd", "", "CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm; CREATE EXTENSION amcheck;", (18,)),
    ("a public of its own", "odd", "", CUSTOM, ()),
    ("no public", "odd", "", "DROP SCHEMA public; CREATE SCHEMA app; CREATE TABLE app.t AS SELECT 1 AS a;", (18,)),
    ("a name with quotes", "od\"d 'name'; --", "", TABLE, (18,)),
    ("a name with spaces and upper case", "  Odd NAME ", "", TABLE, (18,)),
    ("a name in other letters", "Ünï 漢字", "", TABLE, ()),
    ("a name that looks like an address", "host=nowhere user=x", "", TABLE, ()),
    ("a name that looks like a URL", "postgresql://nowhere/x", "", TABLE, (18,)),
    ("a name with backslashes and dollars", "-a\\b$(c)%d", "", TABLE, (18,)),
    ("named postgres", "postgres", None, TABLE, (18,)),
    ("LATIN1", "oddé", "TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'", LATIN1, ()),
    ("EUC_JP", "odd", "TEMPLATE template0 ENCODING EUC_JP LOCALE 'C'", EUC_JP, (18,)),
    ("SQL_ASCII", "odd", "TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'", SQL_ASCII, ()),
    ("settings that break sessions", "odd", "", SETTINGS, ()),
    ("a setting of the role", "odd", "", "CREATE ROLE odd_nobody; GRANT odd_nobody TO postgres; GRANT ALL ON SCHEMA public TO odd_nobody;"
     + TABLE + "ALTER DATABASE odd SET role = 'odd_nobody'; GRANT pg_read_all_data TO odd_nobody;", (18,)),
    ("an event trigger that refuses", "odd", "", EVENTS, ()),
    ("a login trigger that refuses", "odd", "", LOGIN, (18,)),
    ("tablespaces", "odd", 'TABLESPACE "odd space"', TABLE + 'CREATE TABLE elsewhere (id int PRIMARY KEY USING INDEX TABLESPACE other) TABLESPACE other;'
     "CREATE MATERIALIZED VIEW m TABLESPACE other AS SELECT * FROM t;", ()),
    ("nobody may connect", "odd", "CONNECTION LIMIT 0 IS_TEMPLATE true", TABLE + "REVOKE ALL ON DATABASE odd FROM PUBLIC;", (18,)),
    ("shapes of tables", "odd", "", SHAPES, ()),
    ("huge values", "odd", "", HUGE, (18,)),
    ("2,000 tables", "odd", "", MANY, (18,)),
)


def comes_back(aetheld, server, database, options):
    """Into an empty database of the same server; and in place, where the name has to be written many times."""
    copy = database[:50] + " copy"
    quoted = copy.replace('"', '""')
    server.create(copy, options if "ENCODING" in options else "TEMPLATE template0")
    try:
        contains(aetheld.call("restore", "latest", "--to", server.url(copy)), "equal to the source")
        if "ENCODING" in options or "'" in database or "=" in database:
            out = aetheld.call("restore", "latest", "--to", server.url(copy), "--in-place", "--confirm", copy)
            contains(out, "equal to the source")
            before = re.search(r'the database of before is "(.*)"', out).group(1).replace('"', '""')
            server.psql("template1", f'DROP DATABASE "{before}" WITH (FORCE)')
    finally:
        server.psql("template1", f'ALTER DATABASE "{quoted}" IS_TEMPLATE false')
        server.psql("template1", f'DROP DATABASE "{quoted}" WITH (FORCE)')


def stays_green(aetheld):
    made = json.loads(aetheld.call("run", "--json"))
    equal(made["notes"], ["no canary: aethel.canary is not there or may not be written"], "notes")
    done = aetheld.try_call("drill", made["backup"], "--json")
    if not done.stdout:
        raise Failed(done.stderr)
    report = json.loads(done.stdout)
    wrong = [f"{each['name']}: {each['message']}" for each in report["checks"] if each["outcome"] != "passed" and each["name"] != "canary"]
    equal((report["passed"], report["level"], wrong), (True, 3, []), "drill")


def odd(scratch, case, Aetheld):
    for major in (18, 15):
        server = scratch.server(major, "odd")
        for number, (name, database, options, sql, majors) in enumerate(ODD):
            if majors and major not in majors:
                continue

            def one(name=name, database=database, options=options, sql=sql, number=number):
                if "TABLESPACE" in (options or ""):
                    for space in ("odd space", "other"):
                        folder = server.folder / space
                        folder.mkdir()
                        if server.user is not None:
                            os.chown(folder, server.user.pw_uid, server.user.pw_gid)
                        server.psql("template1", f"CREATE TABLESPACE \"{space}\" LOCATION '{folder}'")
                if options is not None:
                    server.create(database, options)
                try:
                    server.psql(database, sql)
                    aetheld = Aetheld(scratch, server, database, f"odd-{major}-{number}")
                    stays_green(aetheld)
                    if "trigger" not in name:  # that refuses what a restore does at its end
                        comes_back(aetheld, server, database, options or "")
                finally:
                    if options is not None:
                        quoted = database.replace('"', '""')
                        server.psql("template1", f'ALTER DATABASE "{quoted}" IS_TEMPLATE false; DROP DATABASE "{quoted}" WITH (FORCE)')

            case(f"odd, PostgreSQL {major}: {name}", one)
