import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { api } from '../lib/api.js';
import { metrics } from '../lib/metrics.js';

let server;
before(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/v1/products' ? 200 : 500;
    response.end('[]');
  }).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  process.env.API_URL = `http://localhost:${server.address().port}`;
});
after(() => server.close());

test('asks the API that API_URL names, and counts what fails', async () => {
  assert.equal((await api('/v1/products')).status, 200);
  assert.equal((await api('/v1/orders')).status, 500);
  const text = await metrics.registry.metrics();
  assert.ok(text.includes('shop_web_api_errors_total 1'));
  assert.ok(text.includes('shop_web_api_request_duration_seconds_count 2'));
});
