import type { Meter } from '@opentelemetry/api';
import { DURATION_BUCKETS, methodLabel } from '../api/metric-labels.ts';
import type { Gauges, ObservedRequest } from '../api/metrics.ts';

/** The metrics of /metrics by OpenTelemetry's names, with labels from the same closed lists (GQ-16). */
export function createInstruments(
  meter: Meter,
  gauges: Gauges,
): (request: ObservedRequest) => void {
  const duration = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Time from the last byte of a request to its answer.',
    advice: { explicitBucketBoundaries: [...DURATION_BUCKETS] },
  });
  const outcomes = meter.createCounter('latchkey.mutation.outcomes', {
    description: 'What mutations came to: the member of their result union.',
  });
  const gauge = (name: string, description: string, read: () => number) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      result.observe(read());
    });
  const { hashing, pool, housekeeping } = gauges;
  gauge('latchkey.hashing.in_flight', 'Hashes being derived.', () => hashing().inFlight);
  gauge('latchkey.hashing.waiting', 'Hashes waiting for their turn.', () => hashing().waiting);
  gauge('latchkey.db.connections.open', 'Open connections.', () => pool().open);
  gauge('latchkey.db.connections.idle', 'Connections nobody uses.', () => pool().idle);
  gauge('latchkey.db.waiting', 'Calls waiting for a connection.', () => pool().waiting);
  meter
    .createObservableCounter('latchkey.purged.rows', { description: 'Rows that were over.' })
    .addCallback((result) => {
      for (const [table, rows] of Object.entries(housekeeping().removed)) {
        result.observe(rows, { table });
      }
    });
  meter
    .createObservableCounter('latchkey.purge.failures', { description: 'Tables not purged.' })
    .addCallback((result) => result.observe(housekeeping().failures));

  return ({ path, method, status, milliseconds, outcomes: observed }) => {
    duration.record(milliseconds / 1_000, {
      'http.route': path ?? 'other',
      'http.request.method': methodLabel(method),
      'http.response.status_code': status,
    });
    for (const { field, outcome } of observed) outcomes.add(1, { mutation: field, outcome });
  };
}
