// The web server: pages, API, health, metrics.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocket } from 'ws';
import { call, isProvider } from './lib/ai.mjs';
import { checkout, countSubscriptions, takeIn } from './lib/billing.mjs';
import { drainOn } from './lib/drain.mjs';
import { check, respond, setStarted } from './lib/health.mjs';
import { contentType, observeRequest, render } from './lib/metrics.mjs';
import { reportError, sendMail } from './lib/outside.mjs';
import { account, sign } from './lib/session.mjs';
import { closeStores, database, redis } from './lib/stores.mjs';

const port = 3000;
const settings = existsSync('public.json') ? JSON.parse(readFileSync('public.json', 'utf8')) : {};
const page = `<!doctype html>
<html lang="en"><title>Aethel Engine</title>
<script>window.settings = ${JSON.stringify({ ...settings, crisp: process.env.CRISP_WEBSITE_ID }).replaceAll('<', '\\u003c')}</script>
<h1>Aethel Engine</h1></html>
`;

// The runtime is asked as a browser would: an upgrade, a ping, a pong.
check('runtime', {
  hard: false,
  run: () => new Promise((resolve, reject) => {
    const socket = new WebSocket(process.env.RUNTIME_URL, { origin: process.env.NEXTAUTH_URL, headers: { authorization: `Bearer ${sign('health')}` }, handshakeTimeout: 1500 });
    const stop = setTimeout(() => { socket.terminate(); reject(new Error('timeout')); }, 1800);
    socket.on('open', () => socket.ping());
    socket.on('pong', () => { clearTimeout(stop); socket.close(); resolve(); });
    socket.on('error', (error) => { clearTimeout(stop); reject(error); });
  }),
});

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body) + '\n');
  return status;
}

async function read(request, limit = 1 << 20) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) throw Object.assign(new Error('too large'), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const user = (request) => account((request.headers.authorization ?? '').replace(/^Bearer /, ''));

const routes = {
  'GET /': (request, response) => { response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }); response.end(page); return 200; },
  'GET /api/health/startup': (request, response, url) => respond(response, 'startup', url),
  'GET /api/health/live': (request, response, url) => respond(response, 'live', url),
  'GET /api/health/ready': (request, response, url) => respond(response, 'ready', url),
  'GET /api/health/metrics': async (request, response) => {
    await countSubscriptions(database).catch(() => {}); // the last numbers are better than none
    response.writeHead(200, { 'content-type': contentType });
    response.end(render());
    return 200;
  },
  'POST /api/session': async (request, response) => {
    const { email } = JSON.parse(await read(request));
    const { rows } = await database.query('INSERT INTO accounts (email) VALUES ($1) ON CONFLICT (email) DO UPDATE SET email = $1 RETURNING id', [email]);
    const code = randomUUID();
    await redis.set(`sign-in:${code}`, String(rows[0].id), { EX: 600 });
    await sendMail(email, 'Sign in', `${process.env.NEXTAUTH_URL}/api/session/${code}`);
    return json(response, 202, {});
  },
  'GET /api/session/:code': async (request, response, url, code) => {
    const id = await redis.getDel(`sign-in:${code}`);
    return id ? json(response, 200, { token: sign(id) }) : json(response, 404, {});
  },
  'POST /api/ai/:provider': async (request, response, url, provider) => {
    if (!user(request)) return json(response, 401, {});
    if (!isProvider(provider)) return json(response, 404, {});
    return json(response, 200, await call(provider, JSON.parse(await read(request))));
  },
  'POST /api/checkout': async (request, response) => {
    if (!user(request)) return json(response, 401, {});
    return json(response, 200, await checkout(JSON.parse(await read(request)).plan));
  },
  'POST /api/stripe/webhook': async (request, response) =>
    json(response, await takeIn(database, request.headers['stripe-signature'], await read(request)), {}),
  'POST /api/uploads': async (request, response) => {
    const owner = user(request);
    if (!owner) return json(response, 401, {});
    const { rows } = await database.query('INSERT INTO uploads (account) VALUES ($1) RETURNING id', [owner]);
    return json(response, 201, { url: `https://${process.env.UPLOADS_BUCKET}.s3.${process.env.AWS_REGION}.amazonaws.com/${rows[0].id}` });
  },
};

function find(method, path) {
  const words = path.split('/');
  for (const [route, handler] of Object.entries(routes)) {
    const [wanted, pattern] = route.split(' ');
    const parts = pattern.split('/');
    if (wanted !== method || parts.length !== words.length) continue;
    if (parts.every((part, i) => part === words[i] || (part.startsWith(':') && words[i]))) {
      return { pattern, handler, argument: words[parts.findIndex((part) => part.startsWith(':'))] };
    }
  }
  return { pattern: 'none', handler: (request, response) => json(response, 404, {}) };
}

const server = createServer(async (request, response) => {
  const begin = performance.now();
  const url = new URL(request.url, 'http://host');
  const { pattern, handler, argument } = find(request.method, url.pathname);
  let status;
  try {
    status = await handler(request, response, url, argument);
  } catch (error) {
    if (!error.status && !(error instanceof SyntaxError)) reportError(error);
    status = error.status ?? (error instanceof SyntaxError ? 400 : 502);
    if (!response.headersSent) json(response, status, {});
  }
  const method = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].includes(request.method) ? request.method : 'other';
  observeRequest(method, pattern, status, (performance.now() - begin) / 1000);
});
// Longer than a load balancer keeps its connections, so that it never sends on one that was just closed.
server.keepAliveTimeout = 75_000;
server.listen(port, () => {
  setStarted();
  console.log(`${process.env.NODE_ENV}: listening on ${port}`);
});
drainOn(server, { end: closeStores });
