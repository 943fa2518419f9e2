import {NextResponse, type NextRequest} from 'next/server';
import {requireAuth} from '@/lib/auth-server';
import {optionalEnv} from '@/lib/env';
import {getStripe, priceOfPlan} from '@/lib/stripe';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  const user = requireAuth(request);
  const {planId} = await request.json();
  const origin = optionalEnv('NEXT_PUBLIC_APP_URL') || 'http://localhost:3000';
  const session = await getStripe().checkout.sessions.create({
    mode: 'subscription',
    client_reference_id: user.userId,
    line_items: [{price: priceOfPlan(planId), quantity: 1}],
    success_url: `${origin}/billing`,
  });
  return NextResponse.json({url: session.url});
}
