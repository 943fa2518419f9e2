import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createApp } from '../dist/app.js';
import { Health } from '../dist/health.js';

const rows = { product: [{ id: 'mug', name: 'Mug', price_cents: 1200 }], order: [] };
const database = {
  async query(text, values) {
    if (text.startsWith('SELECT id, name')) return { rows: rows.product };
    if (text.startsWith('INSERT INTO orders')) {
      if (values[1] !== 'mug') return { rows: [] };
      rows.order.push({ id: values[0], product_id: values[1], quantity: values[2], state: 'new' });
      return { rows: [{ id: values[0] }] };
    }
    return { rows: rows.order.filter((order) => order.id === values?.[0]) };
  },
};
const brokenCache = {
  get: () => Promise.reject(new Error('down')),
  set: () => Promise.reject(new Error('down')),
  check: () => Promise.reject(new Error('down')),
};
const stored = new Map();
const storage = { put: async (key, body) => void stored.set(key, body), check: async () => {} };
const health = new Health()
  .add('database', true, () => database.query('SELECT 1'))
  .add('cache', false, () => brokenCache.check());
const config = { publicUrl: 'http://localhost:3000', orderSigningKey: 'only-for-this-test', cacheTtlSeconds: 1 };

let server, url;
before(async () => {
  server = createApp({ config, database, cache: brokenCache, storage, health }).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://localhost:${server.address().port}`;
});
after(() => server.close());

test('lives before it is started, and is ready only after the first check', async () => {
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal((await fetch(`${url}/startupz`)).status, 503);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  await health.round();
  assert.equal((await fetch(`${url}/startupz`)).status, 200);
  const ready = await fetch(`${url}/readyz?verbose`);
  assert.equal(ready.status, 200);
  assert.deepEqual((await ready.json()).checks, { database: 'pass', cache: 'warn' });
});

test('serves the products from the database while the cache is down', async () => {
  const response = await fetch(`${url}/v1/products`);
  assert.deepEqual(await response.json(), rows.product);
});

test('takes an order and shows it to its owner only', async () => {
  const post = (body) =>
    fetch(`${url}/v1/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal((await post({ product: 'mug', quantity: 0 })).status, 400);
  assert.equal((await post({ product: 'car', quantity: 1 })).status, 400);
  const created = await post({ product: 'mug', quantity: 2 });
  assert.equal(created.status, 201);
  const { id, token } = await created.json();
  assert.equal((await fetch(`${url}/v1/orders/${id}`)).status, 404);
  const order = await (await fetch(`${url}/v1/orders/${id}?token=${token}`)).json();
  assert.equal(order.quantity, 2);
  const put = await fetch(`${url}/v1/orders/${id}/attachment?token=${token}`, { method: 'PUT', body: 'logo' });
  assert.equal(put.status, 204);
  assert.equal(String(stored.get(`attachments/${id}`)), 'logo');
});

test('emits every metric that the alerts and dashboards name', async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  for (const line of [
    'shop_http_requests_total{method="POST",route="/v1/orders",status="201"} 1',
    'shop_cache_requests_total{result="error"}',
    'shop_dependency_up{dependency="database"} 1',
    'shop_orders_created_total 1',
    'shop_upload_failures_total 0',
    'shop_http_request_duration_seconds_bucket{le="0.25",method="GET",route="/v1/products"} 1',
  ])
    assert.ok(text.includes(line), line);
});

test('is no longer ready when it drains', async () => {
  health.drain();
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});
