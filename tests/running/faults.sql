-- A small database with one of each thing that tests/running/drill.py spoils.
\set ON_ERROR_STOP on
CREATE ROLE fault_owner;
CREATE ROLE fault_reader LOGIN;
GRANT fault_owner TO fault_reader;
ALTER ROLE fault_reader SET work_mem = '8MB';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = %L', current_database(), '16MB'); END $$;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.items (
  id int PRIMARY KEY, name text NOT NULL, note text DEFAULT 'x', price numeric(10, 2) DEFAULT 5 CHECK (price >= 0), folded citext,
  mood app.mood DEFAULT 'ok'
);
INSERT INTO app.items (id, name, note) SELECT g, 'item number ' || g, CASE WHEN g % 9 <> 0 THEN 'note' END FROM generate_series(1, 500) g;
CREATE INDEX items_name ON app.items (name);
COMMENT ON TABLE app.items IS 'what is sold';
GRANT SELECT ON app.items TO fault_reader;
CREATE TABLE app.plain AS SELECT g AS n FROM generate_series(1, 50) g;
ALTER TABLE app.plain OWNER TO fault_owner;
CREATE DOMAIN app.code AS text;
CREATE TABLE app.exact AS SELECT g AS id, g::bigint AS big, '2026-01-02 03:04:05.000006Z'::timestamptz + g * interval '1 hour' AS at, '01:02:03'::time AS clock,
    '1.0'::numeric AS amount, '{"a": 1.0}'::jsonb AS about, g % 2 = 0 AS flag, 'ab'::char(4) AS fixed, '0'::double precision AS real, 'x'::app.code AS code,
    '10.0.0.1'::inet AS net, 'Word'::citext AS folded, interval '1 month' AS long, '{1,2}'::int[] AS list, 'n' || g AS note, '\x00ff'::bytea AS raw
  FROM generate_series(1, 20) g;
CREATE TABLE app.secured (id int, who text);
ALTER TABLE app.secured ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.secured FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.secured USING (who = current_user);
CREATE SEQUENCE app.counter;
SELECT setval('app.counter', 77);
CREATE FUNCTION app.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.note();
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.on_ddl();
CREATE VIEW app.cheap AS SELECT id FROM app.items WHERE price < 5;
CREATE MATERIALIZED VIEW app.totals AS SELECT note, count(*) FROM app.items GROUP BY note;
CREATE PUBLICATION news FOR TABLE app.items;
SELECT lo_from_bytea(7001, decode(repeat('00ff', 3000), 'hex')), lo_from_bytea(7002, '\x01');
CREATE SCHEMA aethel;
CREATE TABLE aethel.canary (id integer PRIMARY KEY CHECK (id = 1), nonce text NOT NULL, written timestamptz NOT NULL);
