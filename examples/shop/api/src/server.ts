import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { Health } from './health.js';
import { log } from './log.js';
import { openCache, openDatabase, openStorage } from './stores.js';

const config = readConfig();
const database = openDatabase(config);
const cache = await openCache(config);
const storage = openStorage(config);

const health = new Health()
  .add('database', true, () => database.query('SELECT 1'))
  .add('storage', false, () => storage.check());
if (cache) health.add('cache', false, () => cache.check());
health.start();

const server = createApp({ config, database, cache, storage, health }).listen(config.port, () => {
  log('info', 'listening', { port: config.port });
});

// Not ready first, so that the load balancer turns away; then the open requests end; then the stores close.
async function stop(signal: string): Promise<void> {
  log('info', 'stopping', { signal });
  health.drain();
  await sleep(config.drainSeconds * 1000);
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await Promise.race([closed, sleep(10_000)]);
  health.stop();
  cache?.close();
  await database.end();
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
