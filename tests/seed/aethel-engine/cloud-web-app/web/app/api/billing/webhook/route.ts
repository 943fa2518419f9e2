import {NextResponse, type NextRequest} from 'next/server';
import {requireEnv} from '@/lib/env';
import {getStripe} from '@/lib/stripe';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  try {
    const secret = requireEnv('STRIPE_WEBHOOK_SECRET');
    const signature = request.headers.get('stripe-signature');
    if (!signature) return NextResponse.json({error: 'MISSING_SIGNATURE'}, {status: 400});
    const event = getStripe().webhooks.constructEvent(await request.text(), signature, secret);
    return NextResponse.json({received: event.type});
  } catch (error) {
    console.error('webhook', error);
    return NextResponse.json({error: 'WEBHOOK_FAILED'}, {status: 500});
  }
}
