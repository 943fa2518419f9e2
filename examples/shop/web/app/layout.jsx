// Inlined by `next build`: the Dockerfile takes it as a build argument.
const name = process.env.NEXT_PUBLIC_SHOP_NAME ?? 'Shop';

export const metadata = { title: name };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <h1>{name}</h1>
        {children}
      </body>
    </html>
  );
}
