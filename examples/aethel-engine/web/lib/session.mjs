// A session is ACCOUNT.EXPIRY.SIGNATURE: the web server signs it, the runtime checks it.
import { createHmac, timingSafeEqual } from 'node:crypto';

const signature = (text) => createHmac('sha256', process.env.NEXTAUTH_SECRET ?? '').update(text).digest('base64url');

export function sign(account, seconds = 3600) {
  const text = `${account}.${Math.floor(Date.now() / 1000) + seconds}`;
  return `${text}.${signature(text)}`;
}

export function account(token) {
  const [name, expiry, given] = String(token).split('.');
  if (!name || !expiry || !given) return undefined;
  const expected = Buffer.from(signature(`${name}.${expiry}`));
  const got = Buffer.from(given);
  if (expected.length !== got.length || !timingSafeEqual(expected, got)) return undefined;
  return Number(expiry) * 1000 > Date.now() ? name : undefined;
}
