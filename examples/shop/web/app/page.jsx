import { api } from '../lib/api.js';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const products = await (await api('/v1/products')).json();
  return (
    <ul>
      {products.map((product) => (
        <li key={product.id}>
          {product.name}: {(product.price_cents / 100).toFixed(2)}
          <form action="/orders" method="post">
            <input type="hidden" name="product" value={product.id} />
            <input type="number" name="quantity" min="1" max="100" defaultValue="1" />
            <button>Order</button>
          </form>
        </li>
      ))}
    </ul>
  );
}
