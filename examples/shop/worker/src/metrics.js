import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const jobs = new Counter({
  name: 'shop_jobs_processed_total',
  help: 'Orders that the worker took, by result.',
  labelNames: ['result'],
  registers: [registry],
});

export const jobDuration = new Histogram({
  name: 'shop_job_duration_seconds',
  help: 'Time that one order took.',
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5],
  registers: [registry],
});

export const waiting = new Gauge({
  name: 'shop_jobs_waiting',
  help: 'Orders in state new.',
  registers: [registry],
});

export const backupAge = new Gauge({
  name: 'shop_backup_last_success_timestamp_seconds',
  help: 'When the newest dump and the newest restore drill ended; 0 when there was none.',
  labelNames: ['kind'],
  registers: [registry],
});

for (const result of ['done', 'failed']) jobs.inc({ result }, 0);
for (const kind of ['dump', 'drill']) backupAge.set({ kind }, 0);
