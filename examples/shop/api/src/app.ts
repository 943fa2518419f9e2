import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import express from 'express';
import type { Config } from './config.js';
import type { Health } from './health.js';
import { log } from './log.js';
import { cacheRequests, httpDuration, httpRequests, ordersCreated, registry, uploadFailures } from './metrics.js';
import type { Cache, Database, Storage } from './stores.js';

export interface Parts {
  config: Pick<Config, 'publicUrl' | 'orderSigningKey' | 'cacheTtlSeconds'>;
  database: Database;
  cache: Cache | undefined;
  storage: Storage;
  health: Health;
}

export function createApp({ config, database, cache, storage, health }: Parts): express.Express {
  const app = express();
  app.disable('x-powered-by');

  app.get('/livez', (_request, response) => void response.json({ status: 'pass' }));
  app.get('/startupz', (_request, response) => void response.status(health.isStarted() ? 200 : 503).end());
  app.get('/readyz', (request, response) => {
    const ready = health.isReady();
    response.status(ready ? 200 : 503);
    response.json({ status: ready ? 'pass' : 'fail', ...('verbose' in request.query && { checks: health.report() }) });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });

  app.use((request, response, next) => {
    const begin = process.hrtime.bigint();
    response.on('finish', () => {
      // The template, never the path: an identifier as a label would make a series for each order.
      const route = request.route?.path ?? 'none';
      httpRequests.inc({ method: request.method, route, status: String(response.statusCode) });
      httpDuration.observe({ method: request.method, route }, Number(process.hrtime.bigint() - begin) / 1e9);
    });
    next();
  });

  const sign = (id: string) => createHmac('sha256', config.orderSigningKey).update(id).digest('base64url');
  const allowed = (id: string, token: unknown) => {
    const wanted = Buffer.from(sign(id));
    const given = Buffer.from(String(token ?? ''));
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  };

  async function cached(key: string, load: () => Promise<unknown>): Promise<unknown> {
    if (!cache) return load();
    try {
      const text = await cache.get(key);
      cacheRequests.inc({ result: text ? 'hit' : 'miss' });
      if (text) return JSON.parse(text);
    } catch {
      cacheRequests.inc({ result: 'error' });
      return load();
    }
    const value = await load();
    cache.set(key, JSON.stringify(value), config.cacheTtlSeconds).catch(() => cacheRequests.inc({ result: 'error' }));
    return value;
  }

  app.get('/v1/products', async (_request, response) => {
    response.json(
      await cached('products', async () => {
        const { rows } = await database.query('SELECT id, name, price_cents FROM products ORDER BY name');
        return rows;
      }),
    );
  });

  app.post('/v1/orders', express.json({ limit: '16kb' }), async (request, response) => {
    const { product, quantity } = request.body ?? {};
    if (typeof product !== 'string' || !Number.isInteger(quantity) || quantity < 1 || quantity > 100) {
      response.status(400).json({ error: 'an order has a product and a quantity from 1 to 100' });
      return;
    }
    const id = randomUUID();
    const { rows } = await database.query(
      'INSERT INTO orders (id, product_id, quantity) SELECT $1, id, $3 FROM products WHERE id = $2 RETURNING id',
      [id, product, quantity],
    );
    if (rows.length === 0) {
      response.status(400).json({ error: 'there is no such product' });
      return;
    }
    ordersCreated.inc();
    const token = sign(id);
    response.status(201).json({ id, token, url: `${config.publicUrl}/orders/${id}?token=${token}` });
  });

  app.get('/v1/orders/:id', async (request, response) => {
    const { id } = request.params;
    const { rows } = allowed(id, request.query.token)
      ? await database.query('SELECT id, product_id, quantity, state, created_at FROM orders WHERE id = $1', [id])
      : { rows: [] };
    response.status(rows.length ? 200 : 404).json(rows[0] ?? { error: 'there is no such order' });
  });

  app.put('/v1/orders/:id/attachment', express.raw({ type: () => true, limit: '5mb' }), async (request, response) => {
    const id = String(request.params.id);
    if (!allowed(id, request.query.token) || !Buffer.isBuffer(request.body)) {
      response.status(404).json({ error: 'there is no such order' });
      return;
    }
    try {
      await storage.put(`attachments/${id}`, request.body, request.get('content-type') ?? 'application/octet-stream');
    } catch (error) {
      uploadFailures.inc();
      log('error', 'the attachment was not stored', { order: id, error: String(error) });
      response.status(503).json({ error: 'attachments cannot be stored now' });
      return;
    }
    await database.query('UPDATE orders SET attachment = true WHERE id = $1', [id]);
    response.status(204).end();
  });

  app.use((error: Error & { status?: number }, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    const status = error.status ?? 500;
    if (status >= 500) log('error', error.message, { stack: error.stack });
    response.status(status).json({ error: status >= 500 ? 'internal error' : error.message });
  });
  return app;
}
