// Against real PostgreSQL, Valkey and S3: `make test-integration` starts them (compose.test.yaml).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../dist/app.js';
import { readConfig } from '../dist/config.js';
import { Health } from '../dist/health.js';
import { openCache, openDatabase, openStorage } from '../dist/stores.js';

const config = readConfig();
const database = openDatabase(config);
const cache = await openCache(config);
const storage = openStorage(config);
const health = new Health()
  .add('database', true, () => database.query('SELECT 1'))
  .add('cache', false, () => cache.check())
  .add('storage', false, () => storage.check());

let server, url;
before(async () => {
  server = createApp({ config, database, cache, storage, health }).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://localhost:${server.address().port}`;
});
after(async () => {
  server.close();
  cache.close();
  await database.end();
});

test('every dependency answers', async () => {
  const passed = { database: 'pass', cache: 'pass', storage: 'pass' };
  // The cache connects in the background: the first rounds may come too early.
  for (let round = 0; round < 20 && Object.values(health.report()).includes('warn'); ++round) {
    await health.round();
    await sleep(100);
  }
  const ready = await fetch(`${url}/readyz?verbose`);
  assert.deepEqual((await ready.json()).checks, passed);
});

test('an order with an attachment goes through the three stores', async () => {
  const products = await (await fetch(`${url}/v1/products`)).json();
  assert.deepEqual(products.map((product) => product.id), ['mug', 'notebook', 'poster']);
  assert.ok(await cache.get('products'));
  const created = await fetch(`${url}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ product: 'poster', quantity: 3 }),
  });
  const { id, token } = await created.json();
  const put = await fetch(`${url}/v1/orders/${id}/attachment?token=${token}`, { method: 'PUT', body: 'logo' });
  assert.equal(put.status, 204);
  const { rows } = await database.query('SELECT quantity, attachment FROM orders WHERE id = $1', [id]);
  assert.deepEqual(rows, [{ quantity: 3, attachment: true }]);
});
