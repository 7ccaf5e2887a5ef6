import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Charge } from '../kernel/rate-limit.ts';
import { hmac } from '../kernel/secret.ts';
import type { KeyedCharge } from './store.ts';

/** Addresses and IPs become keyed hashes; a dump of the counters names nobody. */
export function keyAll(
  { keyring }: Pick<Deps, 'keyring'>,
  charges: readonly Charge[],
): KeyedCharge[] {
  const [secret] = keyring.keys('throttle');
  return charges.map(({ budget, of, member, device }) => {
    const key = hmac(secret, budget.name, ...of);
    const tag = member === undefined ? null : hmac(secret, key, member).toString('base64url', 0, 9);
    return { key, member: tag, budget, ...(device && { device }) };
  });
}

/**
 * True where the outcome says nothing against whoever tried: the queue was full, the client or a service
 * gone, or the proof was right and the sign-in then one too many of the hour (RL-14).
 */
export function wasNotJudged(error: unknown, signal: AbortSignal | undefined): boolean {
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
    log.error({ err: error }, 'The throttle cannot count; the request is refused.');
    throw new ServiceUnavailableError({ cause: error });
  }
}
