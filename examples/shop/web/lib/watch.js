import { api } from './api.js';
import { state } from './state.js';

/** Keeps the state that /readyz and /startupz answer from. On SIGTERM Next itself closes the server and lets open
 *  requests end; the readiness goes first. */
export function watch() {
  process.once('SIGTERM', () => {
    state.draining = true;
  });
  async function check() {
    state.apiUp = await api('/livez').then((response) => response.ok, () => false);
    state.started ||= state.apiUp;
  }
  void check();
  setInterval(check, 5000).unref();
}
