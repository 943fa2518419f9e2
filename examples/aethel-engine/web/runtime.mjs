// The runtime: one WebSocket for each player, with presence in Redis.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { drainOn } from './lib/drain.mjs';
import { respond, setStarted } from './lib/health.mjs';
import { contentType, gauge, observeRequest, render } from './lib/metrics.mjs';
import { account } from './lib/session.mjs';
import { closeStores, database, redis } from './lib/stores.mjs';

const port = Number(process.env.WS_PORT);
const connections = gauge('websocket_connections', 'Open WebSockets.', [{}]);
const questions = { '/startupz': 'startup', '/livez': 'live', '/readyz': 'ready' };

const server = createServer((request, response) => {
  const begin = performance.now();
  const url = new URL(request.url, 'http://host');
  let route = url.pathname;
  let status = 404;
  if (request.method === 'GET' && Object.hasOwn(questions, route)) {
    status = respond(response, questions[route], url);
  } else if (request.method === 'GET' && route === '/metrics') {
    status = 200;
    response.writeHead(200, { 'content-type': contentType });
    response.end(render());
  } else {
    route = 'none';
    response.writeHead(404).end();
  }
  observeRequest(request.method === 'GET' ? 'GET' : 'other', route, status, (performance.now() - begin) / 1000);
});

const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 << 10, clientTracking: true });

server.on('upgrade', (request, socket, head) => {
  const refuse = (line) => socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\n\r\n`);
  if (request.headers.origin !== process.env.ALLOWED_ORIGIN) return refuse('403 Forbidden');
  const token = new URL(request.url, 'http://host').searchParams.get('token') ?? (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const player = account(token);
  if (!player) return refuse('401 Unauthorized');
  sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, player));
});

sockets.on('connection', (client, player) => {
  connections.set({}, sockets.clients.size);
  client.alive = true;
  client.on('pong', () => { client.alive = true; });
  client.on('error', () => client.terminate());
  client.on('close', () => connections.set({}, sockets.clients.size));
  if (player !== 'health' && redis.isReady) redis.set(`presence:${player}`, '1', { EX: 90 }).catch(() => {});
  client.on('message', async (message) => {
    try {
      const { project } = JSON.parse(message);
      const { rows } = await database.query('SELECT id, name FROM projects WHERE id = $1 AND account = $2', [project, player]);
      client.send(JSON.stringify(rows[0] ?? { error: 'not found' }));
    } catch {
      client.send(JSON.stringify({ error: 'not understood' }));
    }
  });
});

// Whoever has not answered the last ping is gone.
setInterval(() => {
  for (const client of sockets.clients) {
    if (!client.alive) { client.terminate(); continue; }
    client.alive = false;
    client.ping();
  }
}, 30_000).unref();

server.listen(port, () => {
  setStarted();
  console.log(`${process.env.NODE_ENV}: listening on ${port}`);
});
drainOn(server, {
  // 1012, service restart: clients come back, to another replica. Not all at once.
  begin: () => { for (const client of sockets.clients) setTimeout(() => client.close(1012), Math.random() * 10_000); },
  end: closeStores,
});
