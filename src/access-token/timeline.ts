import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import { after, DAY, MINUTE } from '../kernel/duration.ts';

/** The longest lifetime of an access token, whatever is configured (TK-4). */
export const MAX_TOKEN_LIFETIME = 30 * MINUTE;

/**
 * How long a key is published before it signs (TK-10). The sum of three delays: 600 s in a resource
 * server's cache (jose's default), 300 s (our max-age) in a cache on the way, and a minute until the
 * slowest instance publishes the key.
 */
export const PUBLISHED_AHEAD = 16 * MINUTE;

/**
 * How long a retired key is still published and accepted: until its last token has expired, and then
 * as long as the same caches.
 */
export const KEPT_AFTER = MAX_TOKEN_LIFETIME + 15 * MINUTE;

/** How long the row of an expired key stays, so that `keys list` shows it. */
const REMEMBERED_FOR = DAY;

/** The dates of a key that decide when it signs and when its tokens are accepted. */
export type KeyDates = Pick<SigningKeyRow, 'kid' | 'createdAt' | 'activeFrom' | 'revokedAt'>;

/** A key with the end of its validity, which follows from the keys after it. */
export type ValidityPeriod<Key extends KeyDates> = {
  readonly key: Key;
  /** When its successor begins to sign; null while it has none. */
  readonly retiredAt: Date | null;
  /** When it stops being published and its tokens stop being accepted; null while that is open. */
  readonly expiresAt: Date | null;
};

/**
 * The validity periods of all keys, in the order in which the keys sign. A key retires when its
 * successor begins to sign. If the successor is revoked later, the key stays retired: an emergency
 * never brings an old key back.
 */
export function validityPeriods<Key extends KeyDates>(
  keys: readonly Key[],
): readonly ValidityPeriod<Key>[] {
  const ordered = [...keys].sort(
    (a, b) => a.activeFrom.getTime() - b.activeFrom.getTime() || (a.kid < b.kid ? -1 : 1),
  );
  return ordered.map((key, index) => {
    const successor = ordered.slice(index + 1).find(everSigns);
    const retiredAt = successor?.activeFrom ?? null;
    return {
      key,
      retiredAt,
      expiresAt: key.revokedAt ?? (retiredAt && after(retiredAt, KEPT_AFTER)),
    };
  });
}

/** True if a key's tokens are no longer accepted. */
export function isExpired({ expiresAt }: { readonly expiresAt: Date | null }, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/**
 * The key that signs at a moment; null if there are no keys, or if the current key was revoked.
 * Before the first key's time the first key signs, so that a clock set back stops no sign-in.
 */
export function signingAt<Key extends KeyDates>(keys: readonly Key[], now: Date): Key | null {
  const signing = validityPeriods(keys).filter(({ key }) => everSigns(key));
  const current = signing.findLast(({ key }) => key.activeFrom <= now) ?? signing[0];
  return current && !current.key.revokedAt ? current.key : null;
}

/** The keys that are published and do not sign yet, the next one first. */
export function pendingAt<Key extends KeyDates>(keys: readonly Key[], now: Date): readonly Key[] {
  return validityPeriods(keys)
    .map(({ key }) => key)
    .filter((key) => key.activeFrom > now && !key.revokedAt);
}

/** The earliest moment, not before `wanted`, at which a key has been published for long enough. */
export function earliestUse(key: Pick<KeyDates, 'createdAt'>, wanted: Date): Date {
  const published = after(key.createdAt, PUBLISHED_AHEAD);
  return published > wanted ? published : wanted;
}

/**
 * The keys whose rows may be deleted. A revoked key's row is kept longer than the row of the key that
 * it retired; without it the older key would sign again.
 */
export function forgettableAt(keys: readonly KeyDates[], now: Date): readonly string[] {
  return validityPeriods(keys)
    .filter(({ key, retiredAt }) => {
      const end = key.revokedAt ?? retiredAt;
      return end !== null && after(end, KEPT_AFTER + REMEMBERED_FOR) <= now;
    })
    .map(({ key }) => key.kid);
}

/** False for a key that was revoked before it signed. */
function everSigns(key: KeyDates): boolean {
  return !key.revokedAt || key.revokedAt > key.activeFrom;
}
