/**
 * What /metrics and OpenTelemetry tell alike. Here, and not beside the metrics themselves, because
 * whoever exports to one needs not load what the other is made with.
 */

const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** Upper bounds for the duration of a request, in seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** A request's method in words from a closed list: a caller can make up any other (GQ-16). */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
