import { state } from '../../lib/state.js';

export const dynamic = 'force-dynamic';

export function GET() {
  return new Response(null, { status: state.started ? 200 : 503 });
}
