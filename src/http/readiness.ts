import { DatabaseError } from '../db/errors.ts';
import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';

/** Whether this instance can serve, as a load balancer asks it. */
export type Readiness = {
  /** What is known now: asking costs nothing, and waits for nothing. */
  readonly isReady: () => boolean;
  readonly stop: () => Promise<void>;
};

type Options = {
  /**
   * Looks on a connection of its own; the reason why this instance cannot serve, or null.
   * @throws ServiceUnavailableError when nothing was found out
   */
  readonly look: () => Promise<string | null>;
  /** When a request's call to the database last succeeded, on the clock of `performance.now()`. */
  readonly lastSuccess: () => number;
  /** Told when it has changed, before it is logged. */
  readonly onChange: () => void;
  readonly log: Log;
  readonly pace?: typeof PACE;
};

const PACE = {
  /** Between two looks that say what is known already, and after one that says otherwise. */
  calm: SECOND / 2,
  doubt: SECOND / 5,
  /** So many looks in a row have to say otherwise, unless one is certain. */
  confirmations: 2,
  /**
   * A request's call that succeeded this recently outweighs a look that failed, and one that only took
   * too long: a busy process is late for its own look as well.
   */
  evidence: SECOND,
  evidenceAgainstSlowness: 5 * SECOND,
};

/**
 * Looks in the background whether the database answers, takes writes and is of this version. A look
 * that gets no answer is doubt, and counts when it is repeated while no request's call succeeds either:
 * under load all instances would otherwise be taken out at once. Each change is logged once.
 */
export async function watchReadiness({
  look,
  lastSuccess,
  onChange,
  log,
  pace = PACE,
}: Options): Promise<Readiness> {
  let isReady = true;
  let contrary = 0;
  let changedAt = performance.now();
  let isStopped = false;

  const change = (reason: string | null) => {
    isReady = reason === null;
    contrary = 0;
    onChange();
    const milliseconds = Math.round(performance.now() - changedAt);
    changedAt = performance.now();
    if (reason === null) log.info({ milliseconds }, 'ready again');
    else log.warn({ reason }, 'not ready');
  };

  const note = async () => {
    const { reason, isCertain } = await lookOnce();
    if ((reason === null) === isReady) {
      contrary = 0;
      return;
    }
    contrary += 1;
    if ((isReady && isCertain) || contrary >= pace.confirmations) change(reason);
  };

  const lookOnce = async () => {
    try {
      return { reason: await look(), isCertain: true };
    } catch (error) {
      const evidence = isTimeout(error) ? pace.evidenceAgainstSlowness : pace.evidence;
      const isAnswered = performance.now() - lastSuccess() < evidence;
      if (isAnswered && error instanceof ServiceUnavailableError) {
        return { reason: null, isCertain: false };
      }
      return { reason: reasonOf(error), isCertain: false };
    }
  };

  let timer: ReturnType<typeof setTimeout>;
  let last = note();
  const repeat = () => {
    timer = setTimeout(
      () => {
        last = note();
        void last.then(() => {
          if (!isStopped) repeat();
        });
      },
      contrary > 0 ? pace.doubt : pace.calm,
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

/** The ends of our own waits (db/limits.ts), and of the server's. */
const TIMEOUTS = new Set(['CALL_TIMEOUT', 'CONNECT_TIMEOUT', 'POOL_EXHAUSTED', '57014']);

/** In words for a log: what a database says of a failure holds no parameters (LO-2). */
function reasonOf(error: unknown): string {
  const cause = error instanceof ServiceUnavailableError ? error.cause : error;
  if (cause instanceof DatabaseError) return cause.advice ?? `the database says ${cause.code}`;
  return cause instanceof Error ? cause.name : 'unknown';
}
