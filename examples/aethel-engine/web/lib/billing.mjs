// Stripe: checkout, and an inbox of webhooks. An event is stored before it is acknowledged, once, whatever Stripe repeats.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { counter, gauge } from './metrics.mjs';

const plans = ['free', 'creator', 'studio'];
const events = counter('stripe_webhook_events_total', 'Webhook events taken in.', [{}]);
const failures = counter('stripe_webhook_failures_total', 'Webhook calls that were refused or could not be stored.', [{}]);
const revenue = counter('billing_revenue_dollars_total', 'Payments received.', plans.map((plan) => ({ plan })));
const subscriptions = gauge('billing_active_subscriptions', 'Subscriptions that are paid for.', plans.map((plan) => ({ plan })));

// https://docs.stripe.com/webhooks#verify-manually
export function isSigned(header, body, secret, now = Date.now() / 1000) {
  const parts = String(header).split(',').map((part) => part.split('='));
  const time = Number(parts.find(([name]) => name === 't')?.[1]);
  if (!secret || !(Math.abs(now - time) <= 300)) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  return parts.some(([name, value]) => {
    const given = Buffer.from(name === 'v1' ? value ?? '' : '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

export async function takeIn(database, header, body) {
  if (!isSigned(header, body, process.env.STRIPE_WEBHOOK_SECRET)) {
    failures.add();
    return 400;
  }
  try {
    const event = JSON.parse(body);
    const { rowCount } = await database.query(
      'INSERT INTO webhook_events (id, type, payload) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [event.id, event.type, event]);
    events.add();
    const plan = event.data?.object?.metadata?.plan;
    if (rowCount === 1 && event.type === 'invoice.paid' && plans.includes(plan)) {
      revenue.add({ plan }, event.data.object.amount_paid / 100);
    }
    return 200;
  } catch {
    failures.add(); // Stripe sends it again
    return 500;
  }
}

export async function countSubscriptions(database) {
  const { rows } = await database.query("SELECT plan, count(*)::int AS number FROM subscriptions WHERE status = 'active' GROUP BY plan");
  for (const plan of plans) subscriptions.set({ plan }, rows.find((row) => row.plan === plan)?.number ?? 0);
}

export async function checkout(plan, send = fetch) {
  if (!plans.includes(plan)) throw new Error('there is no such plan');
  const response = await send('https://api.stripe.com/v1/checkout/sessions', {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.STRIPE_SECRET_KEY}` },
    body: new URLSearchParams({ mode: 'subscription', success_url: `${process.env.NEXTAUTH_URL}/welcome`, 'metadata[plan]': plan }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`stripe answered ${response.status}`);
  return response.json();
}
