// Mail by Resend, errors to Sentry.
export async function sendMail(to, subject, text, send = fetch) {
  const response = await send('https://api.resend.com/emails', {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.RESEND_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ from: `Aethel <no-reply@${new URL(process.env.NEXTAUTH_URL).hostname}>`, to, subject, text }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`resend answered ${response.status}`);
}

// Never throws, never waits: reporting an error must not make another.
export function reportError(error, send = fetch) {
  console.error(error);
  if (!URL.canParse(process.env.SENTRY_DSN ?? '')) return;
  const dsn = new URL(process.env.SENTRY_DSN);
  const event = { exception: { values: [{ type: error.name, value: error.message }] } };
  const lines = [{ dsn: dsn.href }, { type: 'event' }, event].map((line) => JSON.stringify(line)).join('\n');
  send(`${dsn.origin}/api${dsn.pathname}/envelope/`, { method: 'POST', body: lines, signal: AbortSignal.timeout(5000) }).catch(() => {});
}
