// Calls of AI providers, and what they cost.
import { counter } from './metrics.mjs';

const providers = {
  openai: { url: 'https://api.openai.com/v1/chat/completions', headers: () => ({ authorization: `Bearer ${process.env.OPENAI_API_KEY}` }) },
  anthropic: { url: 'https://api.anthropic.com/v1/messages', headers: () => ({ 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01' }) },
  elevenlabs: { url: 'https://api.elevenlabs.io/v1/sound-generation', headers: () => ({ 'xi-api-key': process.env.ELEVENLABS_API_KEY }) },
  meshy: { url: 'https://api.meshy.ai/openapi/v2/text-to-3d', headers: () => ({ authorization: `Bearer ${process.env.MESHY_API_KEY}` }) },
  suno: { url: 'https://api.sunoapi.org/api/v1/generate', headers: () => ({ authorization: `Bearer ${process.env.SUNO_API_KEY}` }) },
};

// Dollars per million tokens. A model without a price is refused: it would be free.
const prices = {
  'gpt-5-mini': { input: 0.25, output: 2 },
  'claude-haiku-4-5': { input: 1, output: 5 },
};

const names = Object.keys(providers);
const requests = counter('ai_api_requests_total', 'Requests sent to AI providers.', names.map((provider) => ({ provider })));
const errors = counter('ai_api_errors_total', 'Requests that an AI provider refused or did not answer.', names.map((provider) => ({ provider })));
const cost = counter('ai_cost_dollars_total', 'What answers of AI providers cost.');
const tokens = counter('ai_tokens_total', 'Tokens sent to and received from AI models.');

export const isProvider = (name) => Object.hasOwn(providers, name);

export async function call(provider, body, send = fetch) {
  const { url, headers } = providers[provider];
  if (body.model !== undefined && !Object.hasOwn(prices, body.model)) throw new Error('this model has no price');
  requests.add({ provider });
  let answer;
  try {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`${provider} answered ${response.status}`);
    answer = await response.json();
  } catch (error) {
    errors.add({ provider });
    throw error;
  }
  if (body.model !== undefined) {
    const input = answer.usage?.prompt_tokens ?? answer.usage?.input_tokens ?? 0;
    const output = answer.usage?.completion_tokens ?? answer.usage?.output_tokens ?? 0;
    const price = prices[body.model];
    tokens.add({ provider, model: body.model, direction: 'input' }, input);
    tokens.add({ provider, model: body.model, direction: 'output' }, output);
    cost.add({ provider, model: body.model }, (input * price.input + output * price.output) / 1e6);
  }
  return answer;
}
