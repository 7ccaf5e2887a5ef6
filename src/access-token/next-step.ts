import { after } from '../kernel/duration.ts';
import { earliestUse, forgettableAt, type KeyDates, pendingAt, signingAt } from './timeline.ts';

/** One change that brings the stored keys nearer to what they should be. */
export type Step =
  | { readonly kind: 'publish'; readonly activeFrom: Date }
  | { readonly kind: 'activate'; readonly kid: string; readonly activeFrom: Date }
  | { readonly kind: 'forget'; readonly kids: readonly string[] };

/**
 * The rotation, as one rule: some key signs, another one waits that has long been published, and
 * nothing is kept that is over. The waiting key makes a planned rotation invisible to resource
 * servers, and an emergency one too (TK-10, TK-11).
 *
 * @param lifetime how long a key signs, in milliseconds
 * @returns null when nothing is to be done
 */
export function nextStep(keys: readonly KeyDates[], now: Date, lifetime: number): Step | null {
  const signing = signingAt(keys, now);
  const [waiting] = pendingAt(keys, now);
  if (!signing) {
    return waiting
      ? { kind: 'activate', kid: waiting.kid, activeFrom: now }
      : { kind: 'publish', activeFrom: now };
  }
  const end = after(signing.activeFrom, lifetime);
  if (!waiting) return { kind: 'publish', activeFrom: earliestUse({ createdAt: now }, end) };
  const due = earliestUse(waiting, end > now ? end : now);
  // A shorter lifetime was configured, or the key that was to come next is revoked.
  if (due < waiting.activeFrom) return { kind: 'activate', kid: waiting.kid, activeFrom: due };
  const kids = forgettableAt(keys, now);
  return kids.length > 0 ? { kind: 'forget', kids } : null;
}

/** Since when the current key signs, and when the next one takes over as things stand. */
export function nextRotation(
  keys: readonly KeyDates[],
  now: Date,
  lifetime: number,
): { readonly activeSince: Date; readonly nextRotation: Date } | null {
  const signing = signingAt(keys, now);
  if (!signing) return null;
  const [waiting] = pendingAt(keys, now);
  const { activeFrom } = signing;
  return {
    activeSince: activeFrom,
    nextRotation: waiting?.activeFrom ?? after(activeFrom, lifetime),
  };
}
