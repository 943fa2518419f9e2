import {createServer, type Server} from 'http';
import {WebSocketServer} from 'ws';

export class RuntimeServer {
  private server: Server;
  private sockets: WebSocketServer;

  constructor(private readonly port: number = 3001) {
    this.server = createServer((request, response) => {
      if (request.url === '/health') {
        response.writeHead(200, {'Content-Type': 'application/json'});
        response.end(JSON.stringify({status: 'ok', clients: this.sockets.clients.size}));
        return;
      }
      response.writeHead(426);
      response.end();
    });
    this.sockets = new WebSocketServer({server: this.server});
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, () => resolve());
    });
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.close(1001);
    await new Promise<void>(resolve => this.sockets.close(() => resolve()));
    await new Promise<void>(resolve => this.server.close(() => resolve()));
  }
}
