import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { call } from '../lib/ai.mjs';
import { isSigned } from '../lib/billing.mjs';
import { answer } from '../lib/health.mjs';
import { observeRequest, render } from '../lib/metrics.mjs';
import { account, sign } from '../lib/session.mjs';

test('a webhook counts as signed by the right secret, in time, over the same bytes', () => {
  const header = (time, body, secret) => `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
  assert.ok(isSigned(header(1000, '{}', 'right'), Buffer.from('{}'), 'right', 1010));
  assert.ok(!isSigned(header(1000, '{}', 'wrong'), Buffer.from('{}'), 'right', 1010));
  assert.ok(!isSigned(header(1000, '{}', 'right'), Buffer.from('{ }'), 'right', 1010));
  assert.ok(!isSigned(header(1000, '{}', 'right'), Buffer.from('{}'), 'right', 1400));
  assert.ok(!isSigned(undefined, Buffer.from('{}'), 'right', 1010));
  assert.ok(!isSigned('t=1000,v1', Buffer.from('{}'), 'right', 1010));
});

test('metrics: buckets are cumulative, zero series exist', () => {
  observeRequest('GET', '/a/:b', 200, 0.02);
  const text = render();
  assert.match(text, /^http_requests_total\{method="GET",route="\/a\/:b",status="200"\} 1$/m);
  assert.match(text, /^http_request_duration_seconds_bucket\{method="GET",route="\/a\/:b",le="0.01"\} 0$/m);
  assert.match(text, /^http_request_duration_seconds_bucket\{method="GET",route="\/a\/:b",le="0.025"\} 1$/m);
  assert.match(text, /^http_request_duration_seconds_bucket\{method="GET",route="\/a\/:b",le="\+Inf"\} 1$/m);
  assert.match(text, /^ai_api_errors_total\{provider="suno"\} 0$/m);
  assert.match(text, /^stripe_webhook_failures_total 0$/m);
});

test('an answer of a provider is counted and priced', async () => {
  const send = async () => new Response(JSON.stringify({ usage: { input_tokens: 1_000_000, output_tokens: 0 } }));
  await call('anthropic', { model: 'claude-haiku-4-5' }, send);
  assert.match(render(), /^ai_cost_dollars_total\{provider="anthropic",model="claude-haiku-4-5"\} 1$/m);
  await assert.rejects(call('openai', { model: 'unknown' }, send), /no price/);
  await assert.rejects(call('openai', {}, async () => new Response('', { status: 500 })), /500/);
  assert.match(render(), /^ai_api_errors_total\{provider="openai"\} 1$/m);
});

test('a session is accepted until it ends, and only as it was signed', () => {
  process.env.NEXTAUTH_SECRET = 'for this test';
  assert.equal(account(sign('7')), '7');
  assert.equal(account(sign('7', -1)), undefined);
  assert.equal(account(sign('7').replace('7.', '8.')), undefined);
});

test('live asks nobody, ready waits for the start', () => {
  assert.equal(answer('live').status, 200);
  assert.equal(answer('ready').status, 503);
});
