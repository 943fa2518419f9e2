import {NextResponse, type NextRequest} from 'next/server';
import {randomUUID} from 'crypto';
import {requireAuth} from '@/lib/auth-server';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  requireAuth(request);
  // The browser, not this process, connects to that address.
  return NextResponse.json({
    sessionId: randomUUID(),
    websocketUrl: process.env.AETHEL_WS_URL || 'ws://localhost:3001',
  });
}
