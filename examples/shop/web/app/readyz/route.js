import { state } from '../../lib/state.js';

export const dynamic = 'force-dynamic';

// Every page needs the API, so it is a hard dependency; lib/watch.js asks it in the background.
export function GET() {
  const ready = state.apiUp && !state.draining;
  return Response.json({ status: ready ? 'pass' : 'fail' }, { status: ready ? 200 : 503 });
}
