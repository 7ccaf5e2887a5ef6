import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';

/**
 * True where the failure says nothing about whether the credential was right: the queue was full, the
 * client or a service was gone, or the credential was right and its sign-in one too many (RL-14).
 */
export function wasNotVerified(error: unknown, signal: AbortSignal | undefined): boolean {
  return (
    error instanceof ServerBusyError ||
    error instanceof RateLimitedError ||
    error instanceof ServiceUnavailableError ||
    (signal?.aborted === true && error === signal.reason)
  );
}

/** What cannot be counted is refused, never let through (RL-10). */
export async function orUnavailable<T>(
  { log }: Pick<Deps, 'log'>,
  counting: Promise<T>,
): Promise<T> {
  try {
    return await counting;
  } catch (error) {
    log.error({ err: error }, 'rate limit query failed');
    throw new ServiceUnavailableError({ cause: error });
  }
}
