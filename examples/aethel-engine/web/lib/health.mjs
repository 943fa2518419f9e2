// Health in three questions. Live: does the process answer at all; it asks no dependency, or one outage would restart every
// replica. Started: has it begun. Ready: do the dependencies answer; told from checks that run in the background.
const checks = new Map();
let started = false;
let draining = false;

// `hard`: without it nothing works, so the answer is 503. Otherwise the service is degraded, and says so.
export function check(name, { hard, every = 5000, timeout = 2000, run }) {
  const state = { hard, failures: 0, ok: false, at: 0 };
  checks.set(name, state);
  const once = async () => {
    let timer;
    try {
      await Promise.race([run(), new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('timeout')), timeout); })]);
      state.failures = 0;
      state.ok = true;
    } catch {
      // One lost packet is no outage.
      state.failures += 1;
      if (state.failures >= 2 || state.at === 0) state.ok = false;
    } finally {
      clearTimeout(timer);
      state.at = Date.now();
    }
    setTimeout(once, every * (0.8 + 0.4 * Math.random())).unref();
  };
  once();
}

export const setStarted = () => { started = true; };
export const setDraining = () => { draining = true; };

export function answer(question, verbose) {
  if (question === 'live') return { status: 200, body: { status: 'pass' } };
  if (question === 'startup') return started ? { status: 200, body: { status: 'pass' } } : { status: 503, body: { status: 'fail' } };
  const stale = Date.now() - 30_000;
  const results = [...checks].map(([name, state]) => ({ name, hard: state.hard, pass: state.ok && state.at > stale }));
  const failed = draining || !started || results.some((result) => result.hard && !result.pass);
  const degraded = results.some((result) => !result.pass);
  const body = { status: failed ? 'fail' : degraded ? 'warn' : 'pass' };
  if (verbose) {
    body.checks = Object.fromEntries(results.map(({ name, hard, pass }) => [name, [{ status: pass ? 'pass' : hard ? 'fail' : 'warn' }]]));
    if (draining) body.output = 'draining';
  }
  return { status: failed ? 503 : 200, body };
}

export function respond(response, question, url) {
  const { status, body } = answer(question, url.searchParams.has('verbose'));
  response.writeHead(status, { 'content-type': 'application/health+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body) + '\n');
  return status;
}
