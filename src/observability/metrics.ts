import { methodLabel, type RequestObserver } from '../http/observed-request.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Meter } from '../kernel/meter.ts';
import { measureProcess } from './process.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.ts';
import { createRegistry, type Registry } from './registry.ts';

/** What is read when metrics are collected. Null where it is not known. */
type Sources = {
  readonly isReady: () => boolean;
  readonly isReadOnly: () => boolean | null;
  readonly hashing: () => { readonly inFlight: number; readonly waiting: number };
  readonly pool: () => {
    readonly open: number;
    readonly idle: number;
    readonly waiting: number;
    readonly max: number;
  };
  readonly outbox: () => { readonly waiting: number; readonly oldestDueSeconds: number } | null;
  readonly strayEvents: () => number | null;
  readonly signingKey: () => { readonly activeSince: Date; readonly nextRotation: Date } | null;
  readonly housekeeping: () => {
    readonly removed: Readonly<Record<string, number>>;
    readonly failures: number;
  };
};

/** The metrics of this process (GQ-16: no caller makes a series). */
export type Metrics = Meter &
  RequestObserver & {
    /** Told of each statement that ended, in milliseconds. */
    statement(text: string, milliseconds: number): void;
    /** From here on these are collected, too. */
    watch(sources: Sources): void;
    /** For Prometheus. */
    read(): { readonly contentType: string; readonly text: string };
    readonly registry: Registry;
    stop(): void;
  };

/** Measures from here on. */
export function createMetrics(build: {
  readonly version: string;
  readonly revision: string | null;
}): Metrics {
  const registry = createRegistry();
  const measuring = measureProcess(registry);
  const labels = [build.version, build.revision ?? '', process.versions.node];
  registry.watch('build', () => [{ labels, value: 1 }]);
  return {
    registry,
    count: (event, label) => registry.add(event, label === null ? [] : [label]),
    statement: (text, milliseconds) =>
      registry.record('statementDuration', [statementLabel(text)], milliseconds / SECOND),
    observe({ path, method, status, milliseconds, rootField, outcomes }) {
      const seconds = milliseconds / SECOND;
      registry.record('requestDuration', [path ?? 'other', methodLabel(method), status], seconds);
      if (rootField !== null) registry.record('operationDuration', [rootField], seconds);
      for (const { field, outcome } of outcomes) registry.add('mutationOutcomes', [field, outcome]);
    },
    watch: (sources) => watchSources(registry, sources),
    read: () => ({
      contentType: PROMETHEUS_CONTENT_TYPE,
      text: prometheusText(registry.collect()),
    }),
    stop: measuring.stop,
  };
}

function watchSources(registry: Registry, sources: Sources): void {
  const { hashing, pool, outbox, signingKey, housekeeping } = sources;
  registry.watch('ready', () => Number(sources.isReady()));
  registry.watch('databaseReadOnly', () => {
    const isReadOnly = sources.isReadOnly();
    return isReadOnly === null ? null : Number(isReadOnly);
  });
  registry.watch('hashingInFlight', () => hashing().inFlight);
  registry.watch('hashingWaiting', () => hashing().waiting);
  registry.watch('connectionsOpen', () => pool().open);
  registry.watch('connectionsIdle', () => pool().idle);
  registry.watch('connectionsMax', () => pool().max);
  registry.watch('connectionWaiters', () => pool().waiting);
  registry.watch('mailWaiting', () => outbox()?.waiting ?? null);
  registry.watch('mailOldestDue', () => outbox()?.oldestDueSeconds ?? null);
  registry.watch('strayEvents', sources.strayEvents);
  registry.watch('signingKeySince', () => unixTime(signingKey()?.activeSince));
  registry.watch('signingKeyNextRotation', () => unixTime(signingKey()?.nextRotation));
  registry.watch('purgedRows', () =>
    Object.entries(housekeeping().removed).map(([table, value]) => ({ labels: [table], value })),
  );
  registry.watch('purgeFailures', () => housekeeping().failures);
}

function unixTime(date: Date | undefined): number | null {
  return date === undefined ? null : date.getTime() / SECOND;
}

const FIRST_WORD = /^\s*([a-z]+)/i;

const STATEMENTS = new Set(
  ['select', 'with', 'insert', 'update', 'delete'].concat('begin', 'commit', 'rollback'),
);

function statementLabel(text: string): string {
  const word = FIRST_WORD.exec(text)?.[1]?.toLowerCase() ?? '';
  return STATEMENTS.has(word) ? word : 'other';
}
