// What SIGTERM does: not ready first, so that no new work comes; then what is under way is finished; then the stores are closed.
import { setDraining } from './health.mjs';

const notice = 5000; // until every load balancer has seen that it is not ready
const limit = 25_000;

export function drainOn(server, { begin = () => {}, end }) {
  let draining = false;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, async () => {
      if (draining) return;
      draining = true;
      setDraining();
      setTimeout(() => process.exit(1), notice + limit).unref();
      await new Promise((done) => { setTimeout(done, notice); });
      begin();
      await new Promise((done) => { server.close(done); server.closeIdleConnections(); });
      await end();
      process.exit(0);
    });
  }
}
