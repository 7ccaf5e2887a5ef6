import type { Counted } from '../kernel/meter.ts';

/**
 * All instruments. /metrics and OTLP are both written from this list, so that both have the same
 * instruments, units, help texts and labels.
 *
 * Names follow OpenTelemetry's conventions where they define one. Prometheus' names follow from them
 * by OpenTelemetry's own rule (`prometheusName`): dots become underscores, the unit is spelled out,
 * and counters end in `_total`. A dashboard therefore works with scraped and with forwarded metrics.
 */
export type Instrument = {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** A unit of UCUM: `s`, `By`, or the counted thing in braces. */
  readonly unit: '' | 's' | 'By' | '1' | `{${string}}`;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
};

const REQUEST_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const STATEMENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 2.5] as const;
const COLLECTION_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] as const;

export const INSTRUMENTS = {
  requestDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    help: 'Time from the last byte of a request to its response.',
    unit: 's',
    labels: ['http.route', 'http.request.method', 'http.response.status_code'],
    buckets: REQUEST_SECONDS,
  },
  operationDuration: {
    name: 'latchkey.operation.duration',
    kind: 'histogram',
    help: 'Time from the last byte of a /graphql request to its response, by root field; "several" for more than one.',
    unit: 's',
    labels: ['operation'],
    buckets: REQUEST_SECONDS,
  },
  mutationOutcomes: {
    name: 'latchkey.mutation.outcomes',
    kind: 'counter',
    help: 'Mutations by outcome: the member of the result union.',
    unit: '{mutation}',
    labels: ['mutation', 'outcome'],
  },
  refreshReuses: {
    name: 'latchkey.refresh.reuses',
    kind: 'counter',
    help: 'Sessions ended because a used refresh token was presented again.',
    unit: '{session}',
    labels: [],
  },
  refreshAdoptions: {
    name: 'latchkey.refresh.adoptions',
    kind: 'counter',
    help: 'Refresh tokens accepted after a failover lost the rotations that issued them.',
    unit: '{token}',
    labels: [],
  },
  rateLimitRefusals: {
    name: 'latchkey.rate_limit.refusals',
    kind: 'counter',
    help: 'Attempts refused, by rate limit.',
    unit: '{attempt}',
    labels: ['limit'],
  },
  hashingInFlight: {
    name: 'latchkey.hashing.in_flight',
    kind: 'gauge',
    help: 'Password hashes being derived.',
    unit: '{hash}',
    labels: [],
  },
  hashingWaiting: {
    name: 'latchkey.hashing.waiting',
    kind: 'gauge',
    help: 'Password hashes waiting to be derived.',
    unit: '{hash}',
    labels: [],
  },
  ready: {
    name: 'latchkey.ready',
    kind: 'gauge',
    help: '1 while /health/ready answers 200, 0 otherwise.',
    unit: '',
    labels: [],
  },
  databaseReadOnly: {
    name: 'latchkey.db.read_only',
    kind: 'gauge',
    help: '1 while the database accepts no writes: a standby, or a primary set to read-only.',
    unit: '',
    labels: [],
  },
  connectionsOpen: {
    name: 'latchkey.db.connections.open',
    kind: 'gauge',
    help: 'Open connections of the pool.',
    unit: '{connection}',
    labels: [],
  },
  connectionsIdle: {
    name: 'latchkey.db.connections.idle',
    kind: 'gauge',
    help: 'Open connections that are not in use.',
    unit: '{connection}',
    labels: [],
  },
  connectionsMax: {
    name: 'latchkey.db.connections.max',
    kind: 'gauge',
    help: 'The most connections of the pool: DATABASE_POOL_SIZE.',
    unit: '{connection}',
    labels: [],
  },
  connectionWaiters: {
    name: 'latchkey.db.waiting',
    kind: 'gauge',
    help: 'Calls waiting for a connection.',
    unit: '{call}',
    labels: [],
  },
  statementDuration: {
    name: 'latchkey.db.statement.duration',
    kind: 'histogram',
    help: 'Time from sending a statement to its result, by the first word of the statement.',
    unit: 's',
    labels: ['statement'],
    buckets: STATEMENT_SECONDS,
  },
  mailWaiting: {
    name: 'latchkey.mail.outbox.waiting',
    kind: 'gauge',
    help: 'Mails in the outbox that are due and not sent yet, counted up to 10000.',
    unit: '{mail}',
    labels: [],
  },
  mailOldestDue: {
    name: 'latchkey.mail.outbox.oldest_due_age',
    kind: 'gauge',
    help: 'Age of the oldest mail that is due; 0 if none is.',
    unit: 's',
    labels: [],
  },
  mailDeliveries: {
    name: 'latchkey.mail.deliveries',
    kind: 'counter',
    help: 'Attempts to send a mail: sent, refused (will be retried), dead (given up), unavailable (the mail server cannot be used).',
    unit: '{attempt}',
    labels: ['outcome'],
  },
  signingKeySince: {
    name: 'latchkey.signing_key.active_since.timestamp',
    kind: 'gauge',
    help: 'When the current signing key began to sign, as Unix time.',
    unit: 's',
    labels: [],
  },
  signingKeyNextRotation: {
    name: 'latchkey.signing_key.next_rotation.timestamp',
    kind: 'gauge',
    help: 'When the next signing key takes over, as Unix time.',
    unit: 's',
    labels: [],
  },
  purgedRows: {
    name: 'latchkey.purged.rows',
    kind: 'counter',
    help: 'Expired rows removed by this instance.',
    unit: '{row}',
    labels: ['table'],
  },
  purgeFailures: {
    name: 'latchkey.purge.failures',
    kind: 'counter',
    help: 'Failed attempts of this instance to purge a table.',
    unit: '{table}',
    labels: [],
  },
  strayEvents: {
    name: 'latchkey.audit.stray_events',
    kind: 'gauge',
    help: 'Audit events outside of every monthly partition, counted up to 10000; 0 is healthy.',
    unit: '{event}',
    labels: [],
  },
  statisticsLag: {
    name: 'latchkey.statistics.lag',
    kind: 'gauge',
    help: 'Age of the oldest audit event that the statistics may not contain yet; about two minutes is healthy.',
    unit: 's',
    labels: [],
  },
  build: {
    name: 'latchkey.build.info',
    kind: 'gauge',
    help: 'The running version; always 1.',
    unit: '',
    labels: ['version', 'revision', 'node_version'],
  },
  // Named as in Prometheus' client libraries, so that existing dashboards show them.
  processCpu: {
    name: 'process.cpu',
    kind: 'counter',
    help: 'Processor time of the process.',
    unit: 's',
    labels: [],
  },
  processStart: {
    name: 'process.start_time',
    kind: 'gauge',
    help: 'When the process started, as Unix time.',
    unit: 's',
    labels: [],
  },
  processMemory: {
    name: 'process.resident_memory',
    kind: 'gauge',
    help: 'Resident memory of the process.',
    unit: 'By',
    labels: [],
  },
  processOpenFiles: {
    name: 'process.open_fds',
    kind: 'gauge',
    help: 'Open file descriptors.',
    unit: '',
    labels: [],
  },
  heapUsed: {
    name: 'nodejs.heap.used',
    kind: 'gauge',
    help: 'Used part of the JavaScript heap.',
    unit: 'By',
    labels: [],
  },
  heapLimit: {
    name: 'nodejs.heap.limit',
    kind: 'gauge',
    help: 'Largest size of the JavaScript heap.',
    unit: 'By',
    labels: [],
  },
  eventLoopDelayP99: {
    name: 'nodejs.eventloop.delay.p99',
    kind: 'gauge',
    help: '99th percentile of the event loop delay since the previous collection.',
    unit: 's',
    labels: [],
  },
  eventLoopDelayMax: {
    name: 'nodejs.eventloop.delay.max',
    kind: 'gauge',
    help: 'Longest event loop delay since the previous collection.',
    unit: 's',
    labels: [],
  },
  garbageCollection: {
    name: 'v8js.gc.duration',
    kind: 'histogram',
    help: 'Duration of garbage collections, by their kind.',
    unit: 's',
    labels: ['v8js.gc.type'],
    buckets: COLLECTION_SECONDS,
  },
} as const satisfies Record<string, Instrument> & Record<keyof Counted, Instrument>;

/** The key of an instrument in the list. */
export type InstrumentKey = keyof typeof INSTRUMENTS;

/** The keys of the instruments of one kind. */
export type KeysOf<Kind extends Instrument['kind']> = {
  [Key in InstrumentKey]: (typeof INSTRUMENTS)[Key]['kind'] extends Kind ? Key : never;
}[InstrumentKey];
