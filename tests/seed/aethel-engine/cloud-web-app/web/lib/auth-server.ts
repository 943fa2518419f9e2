import type {NextRequest} from 'next/server';
import jwt from 'jsonwebtoken';

function secret(): string {
  const value = process.env.JWT_SECRET ?? '';
  if (['', 'your-secret-key-change-in-production'].includes(value)) {
    throw Object.assign(new Error('JWT_SECRET is not set'), {code: 'AUTH_NOT_CONFIGURED'});
  }
  return value;
}

export function requireAuth(request: NextRequest): {userId: string} {
  const token = request.headers.get('authorization')?.slice(7) ?? request.cookies.get('token')?.value ?? '';
  return jwt.verify(token, secret()) as {userId: string};
}

export function generateToken(userId: string): string {
  return jwt.sign({userId}, secret(), {expiresIn: '7d'});
}
