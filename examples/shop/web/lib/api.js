import { metrics } from './metrics.js';

/** Asks the API. Read when called, not when built: one image serves staging and production. */
export async function api(path, options = {}) {
  const base = process.env.API_URL;
  if (!base) throw new Error('API_URL is not set');
  const end = metrics.apiDuration.startTimer();
  try {
    const response = await fetch(new URL(path, base), { cache: 'no-store', signal: AbortSignal.timeout(3000), ...options });
    if (response.status >= 500) metrics.apiErrors.inc();
    return response;
  } catch (error) {
    metrics.apiErrors.inc();
    throw error;
  } finally {
    end();
  }
}
