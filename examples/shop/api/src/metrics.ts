import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const httpRequests = new Counter({
  name: 'shop_http_requests_total',
  help: 'Requests answered, by method, route template and status.',
  labelNames: ['method', 'route', 'status'] as const,
  registers: [registry],
});

export const httpDuration = new Histogram({
  name: 'shop_http_request_duration_seconds',
  help: 'Time from the request to the end of its answer.',
  labelNames: ['method', 'route'] as const,
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [registry],
});

export const ordersCreated = new Counter({
  name: 'shop_orders_created_total',
  help: 'Orders written to the database.',
  registers: [registry],
});

export const cacheRequests = new Counter({
  name: 'shop_cache_requests_total',
  help: 'Look-ups in the cache, by result.',
  labelNames: ['result'] as const,
  registers: [registry],
});

export const uploadFailures = new Counter({
  name: 'shop_upload_failures_total',
  help: 'Attachments that the object store did not take.',
  registers: [registry],
});

export const dependencyUp = new Gauge({
  name: 'shop_dependency_up',
  help: '1 while the last check of the dependency passed.',
  labelNames: ['dependency'] as const,
  registers: [registry],
});

// A rate over a series that does not exist yet is no zero: every label set is there from the start.
for (const result of ['hit', 'miss', 'error']) cacheRequests.inc({ result }, 0);
for (const status of ['201', '400', '500']) httpRequests.inc({ method: 'POST', route: '/v1/orders', status }, 0);
for (const status of ['200', '500']) httpRequests.inc({ method: 'GET', route: '/v1/products', status }, 0);
