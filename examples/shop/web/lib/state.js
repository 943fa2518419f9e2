// Shared by watch.js, which hears the signal, and the readiness route.
export const state = (globalThis.shopState ??= { draining: false, apiUp: false, started: false });
