import { backupAge, jobDuration, jobs, waiting } from './metrics.js';

/** Confirms the oldest new order, if there is one. Several workers never take the same: each skips what is locked. */
export async function takeOne(pool, cache) {
  const client = await pool.connect();
  const end = jobDuration.startTimer();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(
      "SELECT id FROM orders WHERE state = 'new' ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED",
    );
    if (rows.length === 0) {
      await client.query('COMMIT');
      return false;
    }
    await client.query("UPDATE orders SET state = 'confirmed' WHERE id = $1", [rows[0].id]);
    await client.query('COMMIT');
    jobs.inc({ result: 'done' });
    end();
    // Whoever waits for the order hears of it at once; without the cache they ask again later.
    await cache?.publish('orders', rows[0].id).catch(() => {});
    return true;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    jobs.inc({ result: 'failed' });
    throw error;
  } finally {
    client.release();
  }
}

/** What the database knows and Prometheus has to: how many orders wait, and when a backup last succeeded. */
export async function observe(pool) {
  const queue = await pool.query("SELECT count(*)::int AS orders FROM orders WHERE state = 'new'");
  waiting.set(queue.rows[0].orders);
  const runs = await pool.query(
    'SELECT kind, extract(epoch FROM max(finished_at))::float AS at FROM backup_runs GROUP BY kind',
  );
  for (const { kind, at } of runs.rows) backupAge.set({ kind }, at);
}
