import { DatabaseError } from '../db/errors.ts';
import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';

/** Whether this instance can serve, for a load balancer. */
export type Readiness = {
  /** The result of the latest probe. A call costs nothing and waits for nothing. */
  readonly isReady: () => boolean;
  readonly stop: () => Promise<void>;
};

type Options = {
  /**
   * Probes the database on a connection of its own.
   *
   * @returns the reason why this instance cannot serve, or null
   * @throws ServiceUnavailableError if the probe has no result
   */
  readonly probe: () => Promise<string | null>;
  /** The time at which a request's call to the database last succeeded, by `performance.now()`. */
  readonly lastSuccess: () => number;
  /** Called when readiness has changed, before the change is logged. */
  readonly onChange: () => void;
  readonly log: Log;
  readonly timing?: typeof TIMING;
};

const TIMING = {
  /** The wait after a probe that confirms the state, and after one that contradicts it. */
  calm: SECOND / 2,
  doubt: SECOND / 5,
  /** The number of probes in a row that must contradict the current state, unless one of them is certain. */
  confirmations: 2,
  /**
   * A request's call that succeeded this recently outweighs a failed probe. The second limit is for a
   * probe that only took too long: a busy process is late for its own probe as well.
   */
  evidence: SECOND,
  evidenceAgainstSlowness: 5 * SECOND,
};

/**
 * Probes in the background whether the database answers, takes writes and has this version's schema. A
 * probe without an answer only counts if it is repeated and no request's call succeeds either: under
 * load, all instances would otherwise be taken out of service at once. Each change is logged once.
 */
export async function watchReadiness({
  probe,
  lastSuccess,
  onChange,
  log,
  timing = TIMING,
}: Options): Promise<Readiness> {
  let isReady = true;
  let contradictions = 0;
  let changedAt = performance.now();
  let isStopped = false;

  const change = (reason: string | null) => {
    isReady = reason === null;
    contradictions = 0;
    onChange();
    const milliseconds = Math.round(performance.now() - changedAt);
    changedAt = performance.now();
    if (reason === null) log.info({ milliseconds }, 'ready again');
    else log.warn({ reason }, 'not ready');
  };

  const update = async () => {
    const { reason, isCertain } = await probeOnce();
    if ((reason === null) === isReady) {
      contradictions = 0;
      return;
    }
    contradictions += 1;
    if ((isReady && isCertain) || contradictions >= timing.confirmations) change(reason);
  };

  const probeOnce = async () => {
    try {
      return { reason: await probe(), isCertain: true };
    } catch (error) {
      const evidence = isTimeout(error) ? timing.evidenceAgainstSlowness : timing.evidence;
      const hasEvidence = performance.now() - lastSuccess() < evidence;
      if (hasEvidence && error instanceof ServiceUnavailableError) {
        return { reason: null, isCertain: false };
      }
      return { reason: reasonOf(error), isCertain: false };
    }
  };

  let timer: ReturnType<typeof setTimeout>;
  let last = update();
  const repeat = () => {
    timer = setTimeout(
      () => {
        last = update();
        void last.then(() => {
          if (!isStopped) repeat();
        });
      },
      contradictions > 0 ? timing.doubt : timing.calm,
    ).unref();
  };
  await last;
  repeat();

  return {
    isReady: () => isReady,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

function isTimeout(error: unknown): boolean {
  const cause = error instanceof ServiceUnavailableError ? error.cause : null;
  return cause instanceof DatabaseError && TIMEOUTS.has(cause.code);
}

/** The timeouts of our own (db/limits.ts), and the database's statement timeout. */
const TIMEOUTS = new Set(['CALL_TIMEOUT', 'CONNECT_TIMEOUT', 'POOL_EXHAUSTED', '57014']);

/** The reason for the log: the code of a database's error holds no parameters (LO-2). */
function reasonOf(error: unknown): string {
  const cause = error instanceof ServiceUnavailableError ? error.cause : error;
  if (cause instanceof DatabaseError) return cause.advice ?? `database error ${cause.code}`;
  return cause instanceof Error ? cause.name : 'unknown';
}
