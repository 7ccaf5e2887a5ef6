import type { RequestObserver } from '../http/observed-request.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Meter } from '../kernel/meter.ts';
import { methodLabel, statementLabel } from './labels.ts';
import { measureProcess } from './process.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus.ts';
import { createRegistry, type Registry } from './registry.ts';

/** Values that are read when metrics are collected. A null leaves the series out. */
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
  /** Seconds. */
  readonly statisticsLag: () => number | null;
  readonly signingKey: () => { readonly activeSince: Date; readonly nextRotation: Date } | null;
  readonly retention: () => {
    readonly removed: Readonly<Record<string, number>>;
    readonly failures: number;
  };
};

/** The metrics of this process (GQ-16: no caller makes a series). */
export type Metrics = Meter &
  RequestObserver & {
    /** Records the duration of a statement, in milliseconds. */
    statement(text: string, milliseconds: number): void;
    /** Adds sources to every later collection. */
    watch(sources: Sources): void;
    /** The metrics in Prometheus' text format. */
    read(): { readonly contentType: string; readonly text: string };
    readonly registry: Registry;
    stop(): void;
  };

/** Creates the metrics and starts measuring the process. */
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
  const { hashing, pool, outbox, signingKey, retention } = sources;
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
  registry.watch('statisticsLag', sources.statisticsLag);
  registry.watch('signingKeySince', () => unixTime(signingKey()?.activeSince));
  registry.watch('signingKeyNextRotation', () => unixTime(signingKey()?.nextRotation));
  registry.watch('purgedRows', () =>
    Object.entries(retention().removed).map(([table, value]) => ({ labels: [table], value })),
  );
  registry.watch('purgeFailures', () => retention().failures);
}

function unixTime(date: Date | undefined): number | null {
  return date === undefined ? null : date.getTime() / SECOND;
}
