import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { registry } from './metrics.js';
import { observe, takeOne } from './worker.js';

const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl) throw new Error('DATABASE_URL is not set');
const caFile = process.env.DATABASE_CA_FILE;
const redisUrl = process.env.REDIS_URL;
const port = Number(process.env.PORT ?? 8081);
const pollMilliseconds = Number(process.env.POLL_MILLISECONDS ?? 1000);
const verbose = (process.env.LOG_LEVEL ?? 'info') === 'debug';

const log = (level, message, fields = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, service: 'worker', message, ...fields }));

const pool = new pg.Pool({
  connectionString: databaseUrl,
  max: 4,
  connectionTimeoutMillis: 2000,
  ...(caFile && { ssl: { ca: readFileSync(caFile, 'utf8') } }),
});
pool.on('error', (error) => log('warn', 'lost an idle database connection', { error: error.message }));

const cache = redisUrl ? createClient({ url: redisUrl, disableOfflineQueue: true }) : undefined;
cache?.on('error', (error) => log('warn', 'the cache does not answer', { error: error.message }));
cache?.connect().catch(() => {});

let lastRound = Date.now();
let databaseUp = false;
let started = false;
let stopping = false;

const routes = {
  // The loop, not the database: a loop that hangs is cured by a restart, a database that is down is not.
  '/livez': () => (Date.now() - lastRound < 60_000 ? 200 : 503),
  '/startupz': () => (started ? 200 : 503),
  '/readyz': () => (databaseUp && !stopping ? 200 : 503),
};
const server = createServer(async (request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/metrics') {
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
    return;
  }
  response.statusCode = routes[path]?.() ?? 404;
  response.end();
}).listen(port, () => log('info', 'listening', { port }));

async function stop(signal) {
  log('info', 'stopping after the current order', { signal });
  stopping = true;
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

while (!stopping) {
  lastRound = Date.now();
  try {
    await observe(pool);
    databaseUp = started = true;
    while (!stopping && (await takeOne(pool, cache))) {
      lastRound = Date.now();
      if (verbose) log('debug', 'confirmed an order');
    }
  } catch (error) {
    databaseUp = false;
    log('error', 'the round failed', { error: error.message });
  }
  if (!stopping) await sleep(pollMilliseconds);
}
server.close();
cache?.destroy();
await pool.end();
