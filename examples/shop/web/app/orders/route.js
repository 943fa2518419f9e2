import { api } from '../../lib/api.js';

export async function POST(request) {
  const form = await request.formData();
  const answer = await api('/v1/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ product: form.get('product'), quantity: Number(form.get('quantity')) }),
  });
  const order = await answer.json();
  if (!answer.ok) return Response.json(order, { status: answer.status });
  // Relative: behind the proxy the server does not know its own public name.
  return new Response(null, { status: 303, headers: { location: `/orders/${order.id}?token=${order.token}` } });
}
