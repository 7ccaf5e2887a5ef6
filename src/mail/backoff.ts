import { HOUR, SECOND } from '../kernel/duration.ts';
import type { Random } from '../kernel/ports.ts';

const FIRST = 2 * SECOND;
const SHORT = 20 * SECOND;

/** The longest pause after an outage. */
export const LONGEST_PAUSE = SHORT;

/**
 * How long a refused mail waits for its next attempt. The pause doubles with each attempt. It is at
 * most 20 s or a tenth of the mail's age, whichever is longer, and never more than an hour. A new mail
 * therefore reaches a server that recovers within minutes (F-10), and an old one does not flood it.
 */
export function pauseAfterRefusal(
  random: Random,
  mail: { readonly attempts: number; readonly age: number },
): number {
  const longest = Math.min(HOUR, Math.max(SHORT, mail.age / 10));
  return jittered(random, Math.min(longest, FIRST * 2 ** (mail.attempts - 1)));
}

/** How long this process sends nothing to an unavailable mail server. */
export function pauseAfterOutage(random: Random, outages: number): number {
  return jittered(random, Math.min(SHORT, FIRST * 2 ** (outages - 1)));
}

/** A random part of the pause, at least half, so that instances and mails that failed at once spread out. */
function jittered(random: Random, milliseconds: number): number {
  return milliseconds * (0.5 + random.bytes(4).readUInt32BE() / 2 ** 33);
}
