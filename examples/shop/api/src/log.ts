const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

const threshold = levels.indexOf((process.env.LOG_LEVEL ?? 'info') as Level);

/** One JSON object a line on standard output: what the log shipper expects. */
export function log(level: Level, message: string, fields: Record<string, unknown> = {}): void {
  if (levels.indexOf(level) < threshold) return;
  console.log(JSON.stringify({ time: new Date().toISOString(), level, service: 'api', message, ...fields }));
}
