// Applies the migrations that the database has not seen, each in a transaction. Expand, migrate, contract: the release that
// still runs has to work with what this leaves.
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
try {
  // Rather fail than stand in the way of every query behind a lock that does not come.
  await client.query("SET lock_timeout = '5s'");
  await client.query("SET statement_timeout = '15min'");
  // One migration at a time, whoever else starts one.
  await client.query('SELECT pg_advisory_lock(727104, 1)');
  await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())');
  const { rows } = await client.query('SELECT name FROM schema_migrations');
  const applied = new Set(rows.map((row) => row.name));
  for (const name of readdirSync('migrations').filter((file) => file.endsWith('.sql')).sort()) {
    if (applied.has(name)) continue;
    await client.query('BEGIN');
    await client.query(readFileSync(`migrations/${name}`, 'utf8'));
    await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
    await client.query('COMMIT');
    console.log(`applied ${name}`);
  }
} finally {
  await client.end();
}
