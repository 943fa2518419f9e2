import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registry } from '../src/metrics.js';
import { observe, takeOne } from '../src/worker.js';

function fakePool(orders) {
  const query = async (text, values) => {
    if (text.startsWith('SELECT id FROM orders')) return { rows: orders.filter((o) => o.state === 'new').slice(0, 1) };
    if (text.startsWith('UPDATE orders')) orders.find((o) => o.id === values[0]).state = 'confirmed';
    if (text.includes('count(*)')) return { rows: [{ orders: orders.filter((o) => o.state === 'new').length }] };
    if (text.includes('backup_runs')) return { rows: [{ kind: 'dump', at: 1764000000 }] };
    return { rows: [] };
  };
  return { query, connect: async () => ({ query, release() {} }) };
}

test('confirms one order at a time and publishes it', async () => {
  const orders = [{ id: 'a', state: 'new' }];
  const published = [];
  const cache = { publish: async (channel, id) => published.push(`${channel}:${id}`) };
  assert.equal(await takeOne(fakePool(orders), cache), true);
  assert.equal(await takeOne(fakePool(orders), cache), false);
  assert.equal(orders[0].state, 'confirmed');
  assert.deepEqual(published, ['orders:a']);
});

test('works while the cache is down', async () => {
  const cache = { publish: () => Promise.reject(new Error('down')) };
  assert.equal(await takeOne(fakePool([{ id: 'b', state: 'new' }]), cache), true);
});

test('emits every metric that the alerts and dashboards name', async () => {
  await observe(fakePool([{ id: 'c', state: 'new' }]));
  const text = await registry.metrics();
  for (const line of [
    'shop_jobs_waiting 1',
    'shop_jobs_processed_total{result="done"} 2',
    'shop_jobs_processed_total{result="failed"} 0',
    'shop_backup_last_success_timestamp_seconds{kind="dump"} 1764000000',
    'shop_backup_last_success_timestamp_seconds{kind="drill"} 0',
    'shop_job_duration_seconds_count 2',
  ])
    assert.ok(text.includes(line), line);
});
