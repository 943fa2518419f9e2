import { notFound } from 'next/navigation';
import { api } from '../../../lib/api.js';

export default async function Page({ params, searchParams }) {
  const { id } = await params;
  const { token } = await searchParams;
  const answer = await api(`/v1/orders/${encodeURIComponent(id)}?token=${encodeURIComponent(token ?? '')}`);
  if (!answer.ok) notFound();
  const order = await answer.json();
  return (
    <p>
      {order.quantity} x {order.product_id}: {order.state}
    </p>
  );
}
