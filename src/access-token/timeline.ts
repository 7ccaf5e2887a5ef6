import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import { after, DAY, MINUTE } from '../kernel/duration.ts';

/** No access token lives longer, whatever is configured (TK-4). */
export const MAX_TOKEN_LIFETIME = 30 * MINUTE;

/**
 * How long a key is published before it signs: a resource server's cache of 600 s (jose's default),
 * our own max-age of 300 s in any cache between, and a minute for the slowest instance to publish
 * it (TK-10).
 */
export const PUBLISHED_AHEAD = 16 * MINUTE;

/** How long a retired key is still published and accepted: its last token, then the same caches. */
export const KEPT_AFTER = MAX_TOKEN_LIFETIME + 15 * MINUTE;

/** How long the row of a key that is over stays, for whoever looks at `keys list`. */
const REMEMBERED_FOR = DAY;

/** What of a key decides when it signs and when its tokens are good. */
export type KeyDates = Pick<SigningKeyRow, 'kid' | 'createdAt' | 'activeFrom' | 'revokedAt'>;

/** A key with what follows for it from the others. */
export type Tenure<Key extends KeyDates> = {
  readonly key: Key;
  /** A successor signs from here on; null while none is known. */
  readonly retiredAt: Date | null;
  /** Its tokens are refused and it is published no more from here on. */
  readonly refusedFrom: Date | null;
};

/**
 * Keys in the order in which they sign. A key retires when the next one begins, even if that one
 * is revoked later: an emergency never brings an old key back.
 */
export function tenures<Key extends KeyDates>(keys: readonly Key[]): readonly Tenure<Key>[] {
  const ordered = [...keys].sort(
    (a, b) => a.activeFrom.getTime() - b.activeFrom.getTime() || (a.kid < b.kid ? -1 : 1),
  );
  return ordered.map((key, index) => {
    const successor = ordered.slice(index + 1).find(everSigns);
    const retiredAt = successor?.activeFrom ?? null;
    return {
      key,
      retiredAt,
      refusedFrom: key.revokedAt ?? (retiredAt && after(retiredAt, KEPT_AFTER)),
    };
  });
}

/**
 * The key that signs at a moment; null when there is none, or when the one whose turn it is was
 * revoked. Before the first key's time the first one signs: a clock set back stops no sign-in.
 */
export function signingAt<Key extends KeyDates>(keys: readonly Key[], now: Date): Key | null {
  const signing = tenures(keys).filter(({ key }) => everSigns(key));
  const turn = signing.findLast(({ key }) => key.activeFrom <= now) ?? signing[0];
  return turn && !turn.key.revokedAt ? turn.key : null;
}

/** The keys that are published and do not sign yet, the next one first. */
export function pendingAt<Key extends KeyDates>(keys: readonly Key[], now: Date): readonly Key[] {
  return tenures(keys)
    .map(({ key }) => key)
    .filter((key) => key.activeFrom > now && !key.revokedAt);
}

/** The earliest moment from `wanted` on at which a key has been published for long enough. */
export function earliestUse(key: Pick<KeyDates, 'createdAt'>, wanted: Date): Date {
  const published = after(key.createdAt, PUBLISHED_AHEAD);
  return published > wanted ? published : wanted;
}

/**
 * The keys whose rows may go. A revoked key's row outlasts that of the key it retired, so that
 * the older one stays retired.
 */
export function forgettableAt(keys: readonly KeyDates[], now: Date): readonly string[] {
  return tenures(keys)
    .filter(({ key, retiredAt }) => {
      const over = key.revokedAt ?? retiredAt;
      return over !== null && after(over, KEPT_AFTER + REMEMBERED_FOR) <= now;
    })
    .map(({ key }) => key.kid);
}

function everSigns(key: KeyDates): boolean {
  return !key.revokedAt || key.revokedAt > key.activeFrom;
}
