-- A database with every kind of object that a dump has to carry: the list of docs/backup.md, and what users of other tools lost.
\set ON_ERROR_STOP on
CREATE ROLE every_owner;
CREATE ROLE every_reader LOGIN CONNECTION LIMIT 7 VALID UNTIL '2099-01-01';
CREATE ROLE "Every Group; --" ROLE every_owner;
GRANT every_owner TO every_reader;
ALTER ROLE every_reader SET work_mem = '8MB';
ALTER ROLE every_reader SET search_path = 'app', 'public';
CREATE SCHEMA app AUTHORIZATION every_owner;
CREATE SCHEMA "Odd ""Schema""; drop";
CREATE EXTENSION hstore WITH SCHEMA app;
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
COMMENT ON SCHEMA app IS E'with a \\ and a \' and\na line';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = %L', current_database(), '16MB'); END $$;
DO $$ BEGIN EXECUTE format('ALTER ROLE every_reader IN DATABASE %I SET statement_timeout = %L', current_database(), '5s'); END $$;
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'every kind'); END $$;
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO every_reader', current_database()); END $$;

-- Types
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE app.mood ADD VALUE 'better' BEFORE 'happy';
CREATE TYPE app.pair AS (first integer, second text);
CREATE DOMAIN app.positive AS numeric CHECK (VALUE > 0) DEFAULT 1;
CREATE DOMAIN app.tag AS text COLLATE "C" NOT NULL CHECK (VALUE ~ '^[a-z]+$');
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION app.german (provider = libc, locale = 'C.UTF-8');

-- Values whose text depends on settings, or is at an edge
CREATE TABLE app.edges (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10),
  small smallint, big bigint, exact numeric, money money, single real, double double precision,
  bytes bytea, bits bit varying, stamp timestamp, zoned timestamptz, day date, at time, at_zoned timetz, span interval,
  flag boolean, mood app.mood, pair app.pair, list integer[], matrix text[][], json json, binary_json jsonb, markup xml,
  address inet, network cidr, mac macaddr, place point, shape polygon, words tsvector, search tsquery, uuid uuid,
  ranged int4range, many nummultirange, own app.span, key app.hstore, folded citext, positive app.positive, tag app.tag,
  doubled bigint GENERATED ALWAYS AS (big * 2) STORED,
  nothing text,
  PRIMARY KEY (id)
);
INSERT INTO app.edges (small, big, exact, money, single, double, bytes, bits, stamp, zoned, day, at, at_zoned, span, flag, mood, pair,
  list, matrix, json, binary_json, markup, address, network, mac, place, shape, words, search, uuid, ranged, many, own, key, folded,
  positive, tag) VALUES
 (-32768, -4611686018427387904, 'NaN', '-92233720368547758.08', 'NaN', 'Infinity', '\x00ff', B'', 'infinity', '-infinity', '-infinity', '24:00:00',
  '00:00:00+15:59', '-178000000 years', true, 'sad', ROW(NULL, ''), '{}', '{{"a,b","NULL"},{NULL,"\\"}}', '{"a" : 1,"a":2}', '{"b":2, "a":1}',
  '<a>&lt;</a>', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '(0,-0)', '((0,0),(1,1),(1,0))', 'a:1A b', 'a & !b', '00000000-0000-0000-0000-000000000000',
  'empty', '{[1,2),(3,)}', '(1.5,2.5]', 'a=>NULL,b=>"x y"', 'MiXed', 0.0000000000000000001, 'abc'),
 (32767, 4611686018427387903, 1e100, '0', 1.17549435e-38, 5e-324, '\x', B'101', '4713-01-01 BC', '2026-11-26 12:00:00.123456+05:30', '5874897-12-31',
  '12:34:56.789', '23:59:59-15:59', '1 mon -1 day 00:00:00.000001', false, 'happy', NULL, '[0:1]={1,NULL}', '{}', 'null', 'null',
  NULL, '192.168.1.1', '::/0', NULL, '(1e300,1e-300)', NULL, '', '', NULL, '(,)', '{}', 'empty', '', E'\t\n\r\\', 12345678901234567890.12345, 'z'),
 (0, 0, 0.00, NULL, '-0', 0.1, NULL, NULL, '2000-01-01', NULL, NULL, NULL, NULL, '0', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'q');
INSERT INTO app.edges (big, tag, nothing) SELECT g, 'many', repeat(md5(g::text), 20) FROM generate_series(1, 2000) g;
CREATE INDEX edges_trigram ON app.edges USING gin (nothing gin_trgm_ops);
CREATE INDEX edges_part ON app.edges (big DESC NULLS LAST) INCLUDE (small) WHERE small IS NULL;
CREATE UNIQUE INDEX edges_expression ON app.edges ((id * 2 + 1));
CREATE STATISTICS app.edges_statistics (dependencies) ON small, big FROM app.edges;
ALTER TABLE app.edges ALTER COLUMN big SET STATISTICS 500;
COMMENT ON COLUMN app.edges.big IS 'a comment';

-- Values that no line holds
CREATE TABLE app.huge (id integer PRIMARY KEY, body text);
ALTER TABLE app.huge ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO app.huge SELECT 1, string_agg(md5(g::text), E'\n') FROM generate_series(1, 60000) g;
INSERT INTO app.huge VALUES (2, E'\\.'), (3, ''), (4, E'COPY public.fake (a) FROM stdin;\n\\.\n'), (5, NULL);

-- Names
CREATE TABLE "Odd ""Schema""; drop"."select; ""x"" é 漢" ("a b" int, "order" text, "ünï" text DEFAULT 'x''y\');
INSERT INTO "Odd ""Schema""; drop"."select; ""x"" é 漢" VALUES (1, 'a', 'b'), (1, 'a', 'b'), (2, NULL, NULL);
CREATE TABLE public."UPPER" (id serial, "Id" int);
INSERT INTO public."UPPER" ("Id") VALUES (1), (2), (3);

-- Shapes of tables
CREATE TABLE app.no_columns ();
INSERT INTO app.no_columns DEFAULT VALUES;
INSERT INTO app.no_columns DEFAULT VALUES;
CREATE TABLE app.empty (id integer, note text);
CREATE TABLE app.dropped (a int, b int, c int, d text);
INSERT INTO app.dropped VALUES (1, 2, 3, 'x'), (4, 5, 6, 'y');
ALTER TABLE app.dropped DROP COLUMN b;
ALTER TABLE app.dropped ADD COLUMN e int DEFAULT 42;
CREATE UNLOGGED TABLE app.unlogged (id int PRIMARY KEY, t text);
INSERT INTO app.unlogged SELECT g, g::text FROM generate_series(1, 10) g;
CREATE TABLE app.typed OF app.pair (PRIMARY KEY (first));
INSERT INTO app.typed VALUES (1, 'typed');
-- A child that has its own columns before its parent gets one: a restore orders them otherwise
CREATE TABLE app.parent (a int);
CREATE TABLE app.child (own text) INHERITS (app.parent);
INSERT INTO app.parent VALUES (1);
INSERT INTO app.child VALUES (2, 'child');
ALTER TABLE app.parent ADD COLUMN late text DEFAULT 'late';
-- Partitions: lists, ranges, hashes, two levels, a default
CREATE TABLE app.events (at date NOT NULL, kind text NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.events_2026 PARTITION OF app.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE app.events_2026_a PARTITION OF app.events_2026 FOR VALUES IN ('a', 'b');
CREATE TABLE app.events_2026_rest PARTITION OF app.events_2026 DEFAULT;
CREATE TABLE app.events_else PARTITION OF app.events DEFAULT;
INSERT INTO app.events SELECT date '2024-06-01' + g, chr(97 + g % 5), g FROM generate_series(1, 900) g;
CREATE INDEX ON app.events (n);
CREATE TABLE app.hashed (id int PRIMARY KEY, t text) PARTITION BY HASH (id);
CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO app.hashed SELECT g, 'x' FROM generate_series(1, 100) g;
-- Hashes of an enum differ between databases: pg_dump loads such partitions through their root
CREATE TABLE app.by_mood (mood app.mood, n int) PARTITION BY HASH (mood);
CREATE TABLE app.by_mood_0 PARTITION OF app.by_mood FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.by_mood_1 PARTITION OF app.by_mood FOR VALUES WITH (MODULUS 2, REMAINDER 1);

-- Constraints
CREATE TABLE app.customers (id int PRIMARY KEY, name text UNIQUE, boss int REFERENCES app.customers DEFERRABLE INITIALLY DEFERRED);
INSERT INTO app.customers VALUES (1, 'a', 2), (2, 'b', 1);
CREATE TABLE app.orders (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, customer int REFERENCES app.customers ON DELETE CASCADE,
  during tstzrange, CHECK (id > 0), EXCLUDE USING gist (customer WITH =, during WITH &&));
INSERT INTO app.orders (customer, during) VALUES (1, '[2026-01-01,2026-02-01)'), (1, '[2026-02-01,2026-03-01)');
ALTER TABLE app.orders ADD CONSTRAINT late CHECK (customer < 100) NOT VALID;
ALTER TABLE app.customers ADD COLUMN favourite int REFERENCES app.orders;

-- Sequences
CREATE SEQUENCE app.counter START 5 INCREMENT 3 MAXVALUE 1000 CYCLE CACHE 10;
SELECT nextval('app.counter'), nextval('app.counter');
CREATE SEQUENCE app.untouched;
CREATE SEQUENCE app.downwards INCREMENT -1 START -5 MINVALUE -100;
SELECT nextval('app.downwards');
SELECT setval('app.untouched', 77, false);

-- Code
CREATE FUNCTION app.add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
  -- a body that looks like a dump

COPY public.fake (a) FROM stdin;

SELECT pg_catalog.setval('app.counter', 999, true);
  RETURN NEW;
END $body$;
CREATE PROCEDURE app.nothing() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE AGGREGATE app.total(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE OPERATOR app.=+= (leftarg = int, rightarg = int, function = app.add);
CREATE CAST (app.pair AS text) WITH INOUT;
CREATE TRIGGER noted BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.note();
-- The body above would not compile if it ran: a trigger that is off keeps it from that.
ALTER TABLE app.orders DISABLE TRIGGER noted;
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.on_ddl();
ALTER EVENT TRIGGER watch DISABLE;
CREATE VIEW app.happy WITH (security_barrier) AS SELECT id, mood FROM app.edges WHERE mood = 'happy' WITH LOCAL CHECK OPTION;
CREATE RULE no_delete AS ON DELETE TO app.empty DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW app.sums AS SELECT kind, count(*), sum(n) FROM app.events GROUP BY kind;
CREATE UNIQUE INDEX ON app.sums (kind);
CREATE MATERIALIZED VIEW app.unfilled AS SELECT 1 AS one WITH NO DATA;
CREATE MATERIALIZED VIEW app.of_sums AS SELECT count(*) FROM app.sums;
CREATE TEXT SEARCH CONFIGURATION app.plain (COPY = pg_catalog.simple);
CREATE TEXT SEARCH DICTIONARY app.stop (TEMPLATE = pg_catalog.simple, STOPWORDS = english);

-- Rights
ALTER TABLE app.edges OWNER TO every_owner;
GRANT SELECT (id, mood), UPDATE (mood) ON app.edges TO every_reader;
GRANT SELECT ON app.customers TO every_reader WITH GRANT OPTION;
REVOKE ALL ON FUNCTION app.add FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE every_owner IN SCHEMA app GRANT SELECT ON TABLES TO every_reader;
ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.orders FOR SELECT TO every_reader USING (customer = 1);

-- Elsewhere
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER away FOREIGN DATA WRAPPER nowhere OPTIONS (host 'x');
CREATE FOREIGN TABLE app.away (id int) SERVER away;
CREATE USER MAPPING FOR every_reader SERVER away OPTIONS (secret 'planted');
CREATE PUBLICATION news FOR TABLE app.customers, app.orders WITH (publish = 'insert, update');

-- Large objects: empty, over a page, over a piece of 1 MiB, with a hole, with another owner
SELECT lo_from_bytea(90001, '\x');
SELECT lo_from_bytea(90002, decode(repeat('00ff', 3000), 'hex'));
SELECT lo_from_bytea(90003, convert_to(repeat('0123456789abcdef', 70000), 'UTF8'));
SELECT lo_from_bytea(90004, '\x01');
SELECT lo_put(90004, 500000, '\x02');
SELECT lo_from_bytea(90005, convert_to(repeat('x', 1048576), 'UTF8'));
SELECT lo_from_bytea(91000, '\x'), lo_from_bytea(91001, '\x'), lo_from_bytea(91002, '\x');
ALTER LARGE OBJECT 90002 OWNER TO every_owner;
GRANT SELECT ON LARGE OBJECT 90003 TO every_reader;
COMMENT ON LARGE OBJECT 90003 IS 'large';

-- What Aethel writes before a backup
CREATE SCHEMA aethel;
CREATE TABLE aethel.canary (id integer PRIMARY KEY CHECK (id = 1), nonce text NOT NULL, written timestamptz NOT NULL);
