import {NextResponse, type NextRequest} from 'next/server';
import {requireAuth} from '@/lib/auth-server';
import {providers} from '@/lib/ai-service';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  requireAuth(request);
  const available = providers();
  if (available.length === 0) return NextResponse.json({error: 'NO_AI_PROVIDERS'}, {status: 503});
  return NextResponse.json({provider: available[0]});
}
