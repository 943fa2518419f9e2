import {NextResponse, type NextRequest} from 'next/server';
import {jwtVerify} from 'jose';
import {Ratelimit} from '@upstash/ratelimit';
import {Redis} from '@upstash/redis/cloudflare';

function signingKey(): Uint8Array {
  const value = process.env.JWT_SECRET ?? '';
  // The default of docker-compose.yml counts as "not configured".
  if (['', 'your-secret-key-change-in-production'].includes(value)) {
    throw Object.assign(new Error('JWT_SECRET is not set'), {code: 'AUTH_NOT_CONFIGURED'});
  }
  return Buffer.from(value);
}

const url = process.env.UPSTASH_REDIS_REST_URL;
const token = process.env.UPSTASH_REDIS_REST_TOKEN;
const limiter =
  url && token
    ? new Ratelimit({redis: new Redis({url, token}), limiter: Ratelimit.slidingWindow(100, '60 s')})
    : null;

const open = ['/login', '/api/auth', '/api/health', '/api/billing/webhook'];

export async function middleware(request: NextRequest) {
  const {pathname} = request.nextUrl;

  // Comes before the public paths: it answers for the health routes as well.
  if (pathname.startsWith('/api') && !pathname.startsWith('/api/billing/webhook')) {
    if (!limiter) {
      if (process.env.NODE_ENV === 'production') {
        return NextResponse.json({error: 'RATE_LIMIT_NOT_CONFIGURED'}, {status: 503});
      }
    } else {
      const {success} = await limiter.limit(request.headers.get('x-forwarded-for') ?? 'anonymous');
      if (!success) return NextResponse.json({error: 'RATE_LIMITED'}, {status: 429});
    }
  }

  if (pathname === '/' || open.some(prefix => pathname.startsWith(prefix))) return NextResponse.next();

  const session = request.headers.get('authorization')?.slice(7) ?? request.cookies.get('token')?.value;
  if (!session) return NextResponse.json({error: 'Unauthorized'}, {status: 401});
  try {
    await jwtVerify(session, signingKey());
    return NextResponse.next();
  } catch (error) {
    const status = (error as {code?: string}).code === 'AUTH_NOT_CONFIGURED' ? 503 : 401;
    return NextResponse.json({error: 'Unauthorized'}, {status});
  }
}

export const config = {matcher: ['/((?!_next/static|_next/image|favicon.ico).*)']};
