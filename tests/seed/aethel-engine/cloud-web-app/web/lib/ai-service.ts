// Each provider is there when its key is.
export function providers(): string[] {
  const available: string[] = [];
  if (process.env.OPENAI_API_KEY) available.push('openai');
  if (process.env.ANTHROPIC_API_KEY) available.push('anthropic');
  if (process.env.GOOGLE_API_KEY) available.push('google');
  return available;
}
