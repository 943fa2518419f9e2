import Stripe from 'stripe';
import {requireEnv} from './env';

export function getStripe(): Stripe {
  return new Stripe(requireEnv('STRIPE_SECRET_KEY'));
}

export function priceOfPlan(plan: string): string {
  switch (plan) {
    case 'starter': return requireEnv('STRIPE_PRICE_STARTER');
    case 'basic': return requireEnv('STRIPE_PRICE_BASIC');
    case 'pro': return requireEnv('STRIPE_PRICE_PRO');
    case 'studio': return requireEnv('STRIPE_PRICE_STUDIO');
    case 'enterprise': return requireEnv('STRIPE_PRICE_ENTERPRISE');
    default: throw new Error(`unknown plan ${plan}`);
  }
}
