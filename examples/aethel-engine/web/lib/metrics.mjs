// Metrics in Prometheus' text format 0.0.4. Label values come from fixed sets, never from what a client sent, so that the
// number of series is bounded; sets that are known exist at zero from the start, so that rate() sees the first event.
const families = new Map();

const escape = (value) => String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const series = (labels) => Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`).join(',');
const braces = (text) => (text ? `{${text}}` : '');

function family(name, type, help, bounds) {
  if (families.has(name)) throw new Error(`metric ${name} is declared twice`);
  const values = new Map();
  families.set(name, { type, help, values, bounds });
  return values;
}

export function counter(name, help, start = []) {
  const values = family(name, 'counter', help);
  const add = (labels = {}, amount = 1) => values.set(series(labels), (values.get(series(labels)) ?? 0) + amount);
  for (const labels of start) add(labels, 0);
  return { add };
}

export function gauge(name, help, start = []) {
  const values = family(name, 'gauge', help);
  const set = (labels, value) => values.set(series(labels), value);
  for (const labels of start) set(labels, 0);
  return { set };
}

export function histogram(name, help, bounds) {
  const values = family(name, 'histogram', help, bounds);
  return {
    observe(labels, value) {
      const key = series(labels);
      if (!values.has(key)) values.set(key, { buckets: bounds.map(() => 0), sum: 0, count: 0 });
      const entry = values.get(key);
      bounds.forEach((bound, i) => { if (value <= bound) entry.buckets[i] += 1; });
      entry.sum += value;
      entry.count += 1;
    },
  };
}

export function render() {
  const lines = [];
  for (const [name, { type, help, values, bounds }] of families) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of values) {
      if (type !== 'histogram') {
        lines.push(`${name}${braces(labels)} ${value}`);
        continue;
      }
      const comma = labels ? ',' : '';
      bounds.forEach((bound, i) => lines.push(`${name}_bucket{${labels}${comma}le="${bound}"} ${value.buckets[i]}`));
      lines.push(`${name}_bucket{${labels}${comma}le="+Inf"} ${value.count}`);
      lines.push(`${name}_sum${braces(labels)} ${value.sum}`, `${name}_count${braces(labels)} ${value.count}`);
    }
  }
  return lines.join('\n') + '\n';
}

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

const requests = counter('http_requests_total', 'Requests answered.');
const seconds = histogram('http_request_duration_seconds', 'Time to answer a request.',
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);

// `route` is the pattern of the route, not the path: a path can hold anything.
export function observeRequest(method, route, status, duration) {
  requests.add({ method, route, status });
  seconds.observe({ method, route }, duration);
}
