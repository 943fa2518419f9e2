import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

function create() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const apiDuration = new Histogram({
    name: 'shop_web_api_request_duration_seconds',
    help: 'Time that the API took to answer the web server.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const apiErrors = new Counter({
    name: 'shop_web_api_errors_total',
    help: 'Requests to the API that failed or were answered with 5xx.',
    registers: [registry],
  });
  return { registry, apiDuration, apiErrors };
}

// Next bundles a module more than once; there must be one registry.
export const metrics = (globalThis.shopMetrics ??= create());
