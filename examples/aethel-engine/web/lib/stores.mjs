import pg from 'pg';
import { createClient } from 'redis';
import { check } from './health.mjs';

export const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 2000 });
export const redis = createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true });
// Both reconnect by themselves; without a listener the error would end the process.
database.on('error', (error) => console.error('database', error.message));
redis.on('error', (error) => console.error('redis', error.message));
redis.connect().catch(() => {});

check('database', {
  hard: true,
  run: async () => {
    const { rows } = await database.query('SELECT pg_is_in_recovery() AS replica');
    if (rows[0].replica) throw new Error('the database is read-only');
  },
});
check('redis', { hard: false, run: () => redis.ping() });

export async function closeStores() {
  await Promise.allSettled([database.end(), redis.isOpen ? redis.close() : undefined]);
}
