CREATE TABLE products (
  id          text PRIMARY KEY,
  name        text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents >= 0)
);

CREATE TABLE orders (
  id         uuid PRIMARY KEY,
  product_id text NOT NULL REFERENCES products (id),
  quantity   integer NOT NULL CHECK (quantity BETWEEN 1 AND 100),
  state      text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'confirmed')),
  attachment boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The worker asks for the oldest orders that wait.
CREATE INDEX orders_waiting ON orders (created_at) WHERE state = 'new';

INSERT INTO products (id, name, price_cents) VALUES
  ('mug', 'Mug', 1200),
  ('notebook', 'Notebook', 900),
  ('poster', 'Poster', 2400);
