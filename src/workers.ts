import cluster, { type Worker } from 'node:cluster';
import type { Config } from './config.ts';
import { MINUTE, SECOND } from './kernel/duration.ts';
import type { Log } from './kernel/ports.ts';
import type { TelemetryConfig } from './settings/telemetry.ts';

/** The message of a worker once it serves, and the message that asks a worker to finish. */
export const SERVING = 'latchkey:serving';
export const FINISH = 'latchkey:finish';

/** The settings that differ between the workers of one machine. */
type Share = {
  readonly HASH_CONCURRENCY: string;
  readonly HASH_QUEUE: string;
  readonly METRICS_PORT?: string;
  readonly OTEL_RESOURCE_ATTRIBUTES?: string;
};

/** The part of the configuration that is divided among the workers. */
type Divided = Pick<Config, 'workers' | 'metricsPort'> & {
  readonly telemetry: Pick<TelemetryConfig, 'resourceAttributes'> | null;
  readonly password: Pick<Config['password'], 'hashConcurrency' | 'hashQueue'>;
};

type SuperviseOptions = {
  readonly config: Divided;
  /** The environment as it was read. The variables of this process hold no secrets any more. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** How long workers may take to finish before they are killed (F-1), in milliseconds. */
  readonly drainLimit: number;
  /** Called when all workers have exited, or when the remaining ones have been killed. */
  readonly exit: (code: number) => void;
};

/** The workers of this machine, for the process that started them. */
export type Workers = {
  /** Lets every worker finish its requests, then exits. */
  stop(code: number): void;
};

const FIRST_WAIT = SECOND / 10;
const LONGEST_WAIT = 30 * SECOND;

/** If a worker ran this long, its start was sound: the next wait is short again. */
const STEADY = MINUTE;

/**
 * Runs several processes on one port, to use the processors that one main thread leaves idle. This
 * process only supervises them. A worker that exits is replaced, after a wait that doubles each time.
 * If a worker cannot start at first, all of them stop (ADR-0023).
 */
export function supervise({ config, env, log, drainLimit, exit }: SuperviseOptions): Workers {
  const running = new Map<Worker, number>();
  const serving = new Set<Worker>();
  let started = false;
  let stopping = false;
  let exitCode = 0;

  const stop = (code: number) => {
    exitCode ||= code;
    if (stopping) return;
    stopping = true;
    log.info({ workers: running.size }, 'workers stopping');
    for (const worker of running.keys()) finish(worker);
    if (running.size === 0) return exit(exitCode);
    setTimeout(cutOff, drainLimit);
  };

  // A worker whose main thread hangs cannot enforce its own limit, and handles no other signal.
  const cutOff = () => {
    log.warn({ workers: running.size }, 'workers killed');
    for (const worker of running.keys()) worker.kill('SIGKILL');
    exit(exitCode || 1);
  };

  // By a message, not by a signal. A terminal or a service manager may also signal the whole group,
  // and a second signal would cut requests off.
  const finish = (worker: Worker) => {
    if (worker.isConnected()) worker.send(FINISH);
    else worker.kill('SIGTERM');
  };

  const start = (slot: number, wait: number) => {
    if (stopping) return;
    const startedAt = performance.now();
    const worker = cluster.fork({
      ...env,
      ...shareOf(config, slot),
      LATCHKEY_WORKERS: '1',
      MIGRATE_ON_START: 'false',
    });
    running.set(worker, slot);
    worker.on('message', (message: unknown) => {
      if (message !== SERVING) return;
      serving.add(worker);
      started ||= serving.size === config.workers;
      if (stopping) finish(worker);
    });
    const ended = (code: number | null, signal: string | null) => {
      if (!running.delete(worker)) return;
      const wasServing = serving.delete(worker);
      if (stopping) {
        exitCode ||= code ?? 1;
        if (running.size === 0) exit(exitCode);
        return;
      }
      log.error({ worker: slot, code, signal }, 'worker exited');
      // Whatever prevents one worker from starting prevents all: a setting, the database, the port.
      if (!started && !wasServing) return stop(code || 1);
      const next = performance.now() - startedAt > STEADY ? FIRST_WAIT : wait;
      setTimeout(() => start(slot, Math.min(2 * next, LONGEST_WAIT)), next);
    };
    worker.once('exit', ended);
    worker.on('error', (error) => {
      log.error({ worker: slot, err: error }, 'worker process failed');
      // Without a process there is no exit to wait for.
      if (worker.process.pid === undefined) ended(null, null);
    });
  };

  for (let slot = 0; slot < config.workers; slot += 1) start(slot, FIRST_WAIT);
  return { stop };
}

/** The settings of one worker: its part of the hashes, and its own port for metrics, so that each scrape reads a known worker. */
export function shareOf(
  { workers, password, metricsPort, telemetry }: Divided,
  slot: number,
): Share {
  const part = (whole: number) => Math.floor(whole / workers) + (slot < whole % workers ? 1 : 0);
  return {
    HASH_CONCURRENCY: String(Math.max(1, part(password.hashConcurrency))),
    HASH_QUEUE: String(part(password.hashQueue)),
    ...(metricsPort !== null && { METRICS_PORT: String(metricsPort + slot) }),
    ...ownResource(telemetry?.resourceAttributes, slot),
  };
}

/**
 * Appends the worker's number to a configured service.instance.id, because two processes with one id
 * would overwrite each other's metrics. Without a configured id, each process generates its own.
 */
function ownResource(
  given: TelemetryConfig['resourceAttributes'] | undefined,
  slot: number,
): Pick<Share, 'OTEL_RESOURCE_ATTRIBUTES'> {
  const instance = given?.[INSTANCE];
  if (instance === undefined) return {};
  const pairs = Object.entries({ ...given, [INSTANCE]: `${instance}-${slot + 1}` });
  return {
    OTEL_RESOURCE_ATTRIBUTES: pairs
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join(','),
  };
}

const INSTANCE = 'service.instance.id';

/** True if this process is a worker. */
export function isWorker(): boolean {
  return cluster.isWorker;
}
