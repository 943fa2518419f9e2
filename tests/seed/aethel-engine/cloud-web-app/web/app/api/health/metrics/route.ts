export const dynamic = 'force-dynamic';

const started = Date.now();
let requests = 0;
const errors = 0;

// Counts only the calls of this route.
export async function GET() {
  requests++;
  const text = `# TYPE aethel_uptime_seconds gauge
aethel_uptime_seconds ${Math.floor((Date.now() - started) / 1000)}
# TYPE aethel_requests_total counter
aethel_requests_total ${requests}
# TYPE aethel_requests_errors_total counter
aethel_requests_errors_total ${errors}
# TYPE aethel_nodejs_version gauge
aethel_nodejs_version{version="${process.version}"} 1
`;
  return new Response(text, {headers: {'Content-Type': 'text/plain; version=0.0.4'}});
}
