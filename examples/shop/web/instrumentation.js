// Next calls this once when the server starts.
export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { watch } = await import('./lib/watch.js');
    watch();
  }
}
