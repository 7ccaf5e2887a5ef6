import { createHash } from 'node:crypto';
import { SECOND } from '../../kernel/duration.ts';
import type { BreachCheck, Log } from '../../kernel/ports.ts';
import { normalizePassword } from './normalize.ts';

export type BreachCheckOptions = {
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
  /** Have I Been Pwned or a mirror of its range API. */
  readonly endpoint?: string;
  readonly timeout?: number;
};

const PREFIX_LENGTH = 5;

/**
 * Asks Have I Been Pwned (PW-9). Only the first 20 bits of the SHA-1 leave this process, shared
 * by hundreds of passwords, and padding hides from the network how many came back. If the
 * service is slow, unavailable or answers nonsense, this is logged and the offline list decides alone.
 */
export function createBreachCheck({
  fetch,
  log,
  endpoint = 'https://api.pwnedpasswords.com/range/',
  timeout = SECOND,
}: BreachCheckOptions): BreachCheck {
  return async (password) => {
    const text = normalizePassword(password);
    if (text === null) return false;
    const digest = createHash('sha1').update(text).digest('hex').toUpperCase();
    try {
      const response = await fetch(`${endpoint}${digest.slice(0, PREFIX_LENGTH)}`, {
        headers: { 'Add-Padding': 'true', 'User-Agent': 'latchkey' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      });
      if (!response.ok) throw new UnexpectedAnswer(response.status);
      return lists(await response.text(), digest.slice(PREFIX_LENGTH));
    } catch (error) {
      // Neither the message nor the URL is logged: they may contain the prefix of the hash.
      const status = error instanceof UnexpectedAnswer ? error.status : null;
      const reason = error instanceof Error ? error.name : 'unknown';
      log.warn({ reason, status }, 'breach check failed');
      return false;
    }
  };
}

class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;

  constructor(status: number) {
    super('The breach service returned an error.');
    this.status = status;
  }
}

/** Lines of `SUFFIX:COUNT`; padding lines have the count 0. */
function lists(body: string, suffix: string): boolean {
  return body.split('\n').some((line) => {
    const [listed, count] = line.trim().split(':');
    return listed === suffix && Number(count) > 0;
  });
}
