import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { DURATION_BUCKETS, methodLabel } from './metric-labels.ts';
import type { FieldOutcome } from './observe-outcomes.ts';

/** What a scrape reads at its own moment. */
export type Gauges = {
  readonly hashing: () => { readonly inFlight: number; readonly waiting: number };
  readonly pool: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  readonly housekeeping: () => {
    readonly removed: Readonly<Record<string, number>>;
    readonly failures: number;
  };
};

/** One answered request, in words from closed lists: paths and names a caller wrote are not (GQ-16). */
export type ObservedRequest = {
  /** The route's own path, or null. */
  readonly path: string | null;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly outcomes: readonly FieldOutcome[];
};

/** What is counted for /metrics. */
export type Metrics = {
  observe(request: ObservedRequest): void;
  /** In the Prometheus text format. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/**
 * The metrics of this process in a registry of their own. Every label is of a closed list, so that no
 * caller makes a series (GQ-16).
 */
export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const duration = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time from the last byte of a request to its answer.',
    labelNames: ['path', 'method', 'status'],
    buckets: [...DURATION_BUCKETS],
    registers,
  });
  const outcomes = new Counter({
    name: 'latchkey_mutation_outcomes_total',
    help: 'What mutations came to: the member of their result union.',
    labelNames: ['mutation', 'outcome'],
    registers,
  });
  reading(
    registers,
    'latchkey_hashing_in_flight',
    'Password hashes being derived.',
    () => gauges.hashing().inFlight,
  );
  reading(
    registers,
    'latchkey_hashing_waiting',
    'Password hashes waiting for their turn.',
    () => gauges.hashing().waiting,
  );
  reading(
    registers,
    'latchkey_db_connections_open',
    'Open connections of the pool.',
    () => gauges.pool().open,
  );
  reading(
    registers,
    'latchkey_db_connections_idle',
    'Connections nobody uses.',
    () => gauges.pool().idle,
  );
  reading(
    registers,
    'latchkey_db_waiting',
    'Calls waiting for a connection.',
    () => gauges.pool().waiting,
  );
  new Counter({
    name: 'latchkey_purged_rows_total',
    help: 'Rows this instance removed because they were over.',
    labelNames: ['table'],
    registers,
    collect() {
      this.reset();
      for (const [table, rows] of Object.entries(gauges.housekeeping().removed)) {
        this.inc({ table }, rows);
      }
    },
  });
  new Counter({
    name: 'latchkey_purge_failures_total',
    help: 'Tables this instance could not purge, each time it tried.',
    registers,
    collect() {
      this.reset();
      this.inc(gauges.housekeeping().failures);
    },
  });

  return {
    observe({ path, method, status, milliseconds, outcomes: observed }) {
      duration.observe(
        {
          path: path ?? 'other',
          method: methodLabel(method),
          status: `${Math.floor(status / 100)}xx`,
        },
        milliseconds / 1000,
      );
      for (const { field, outcome } of observed) outcomes.inc({ mutation: field, outcome });
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function reading(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
