import pg from 'pg';
import { createClient } from 'redis';
import { check } from './health.mjs';

export const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 2000 });
export const redis = createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true });
// Both reconnect by themselves; without a listener the error would end the process.
database.on('error', (error) => console.error('database', error.message));
let lost = false; // told once, not at each attempt to connect
redis.on('error', (error) => { if (!lost) console.error('redis', error.message); lost = true; });
redis.on('ready', () => { lost = false; });
redis.connect().catch(() => {});

check('database', {
  hard: true,
  run: async () => {
    const { rows } = await database.query('SELECT pg_is_in_recovery() AS replica');
    if (rows[0].replica) throw new Error('the database is read-only');
  },
});
check('redis', { hard: false, run: () => redis.ping() });

// A store that is away must not hold up the end: closing in good order would wait until it is back.
export async function closeStores() {
  if (redis.isReady) await redis.close();
  else if (redis.isOpen) redis.destroy();
  await Promise.race([database.end(), new Promise((done) => { setTimeout(done, 2000); })]);
}
