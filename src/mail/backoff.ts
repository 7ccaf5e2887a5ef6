import { HOUR, SECOND } from '../kernel/duration.ts';
import type { Random } from '../kernel/ports.ts';

const FIRST = 2 * SECOND;
const SHORT = 20 * SECOND;

/** The longest of {@link pauseAfterOutage}. */
export const LONGEST_PAUSE = SHORT;

/**
 * How long a refused mail waits: twice as long each time, at first up to 20 s, later up to a tenth
 * of its age and an hour at most. So a mail reaches a server that recovers within its first
 * minutes at once (F-10), and an old one does not hammer it.
 */
export function pauseAfterRefusal(
  random: Random,
  mail: { readonly attempts: number; readonly age: number },
): number {
  const longest = Math.min(HOUR, Math.max(SHORT, mail.age / 10));
  return jittered(random, Math.min(longest, FIRST * 2 ** (mail.attempts - 1)));
}

/** How long this process leaves an unavailable mail server alone. */
export function pauseAfterOutage(random: Random, outages: number): number {
  return jittered(random, Math.min(SHORT, FIRST * 2 ** (outages - 1)));
}

/** Between half of it and all of it: instances and mails that failed together spread out. */
function jittered(random: Random, milliseconds: number): number {
  return milliseconds * (0.5 + random.bytes(4).readUInt32BE() / 2 ** 33);
}
