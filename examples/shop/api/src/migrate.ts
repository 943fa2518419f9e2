import { readdirSync, readFileSync } from 'node:fs';
import { log } from './log.js';
import { openDatabase } from './stores.js';

// Needs the database alone, so that a migration can run before anything else is configured.
const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl) throw new Error('DATABASE_URL is not set');

const pool = openDatabase({ databaseUrl, databasePoolSize: 1, databaseCaFile: process.env.DATABASE_CA_FILE });
const client = await pool.connect();
const folder = new URL('../migrations/', import.meta.url);

// Two rollouts at once wait for each other here; a lock that a long query holds fails the migration, not the shop.
await client.query('SELECT pg_advisory_lock(7420)');
await client.query("SET lock_timeout = '5s'");
await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())');
const { rows } = await client.query('SELECT name FROM schema_migrations');
const applied = new Set(rows.map((row: { name: string }) => row.name));

for (const name of readdirSync(folder).filter((file) => file.endsWith('.sql')).sort()) {
  if (applied.has(name)) continue;
  await client.query('BEGIN');
  await client.query(readFileSync(new URL(name, folder), 'utf8'));
  await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
  await client.query('COMMIT');
  log('info', 'applied a migration', { name });
}
await client.query('SELECT pg_advisory_unlock(7420)');
client.release();
await pool.end();
