// A value that must be there.
export function requireEnv(variable: string): string {
  const found = process.env[variable];
  if (found) return found;
  throw new Error(`${variable} is not set`);
}

// An empty value counts as absent.
export const optionalEnv = (variable: string) => process.env[variable] || undefined;
