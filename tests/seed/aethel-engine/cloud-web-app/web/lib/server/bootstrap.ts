import {RuntimeServer} from './websocket-server';

const port = parseInt(process.env.AETHEL_WS_PORT || '3001');
const server = new RuntimeServer(port);

async function shutdown(code: number): Promise<never> {
  await server.stop();
  process.exit(code);
}

if (require.main === module) {
  process.on('SIGINT', () => shutdown(0));
  process.on('SIGTERM', () => shutdown(0));
  server.start().catch(error => {
    console.error(error);
    shutdown(1);
  });
}
