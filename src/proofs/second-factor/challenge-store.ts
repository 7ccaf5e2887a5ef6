import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { build, firstRow, hasRows, map, noRows, type Statement } from '../../db/statement.ts';
import { type MfaChallenge, mfaChallenges } from '../../db/tables/second-factor.ts';
import { type User, users } from '../../db/tables/user.ts';
import { after, HOUR } from '../../kernel/duration.ts';

/** The number of attempts that a challenge allows, over all methods (RL-8). */
export const MAX_CHALLENGE_ATTEMPTS = 5;

/** The number of mails that a challenge may cause (RL-9). */
const MAX_EMAIL_CODES = 3;

/** A challenge and the person it belongs to. */
export type LiveChallenge = { readonly challenge: MfaChallenge; readonly user: User };

/** Stores that a first factor was right, for the holder of the token (MF-1). */
export function insertChallenge(challenge: typeof mfaChallenges.$inferInsert): Statement<void> {
  return noRows(build.insert(mfaChallenges).values(challenge));
}

/**
 * Reads a challenge without counting an attempt. Null if it has expired, was used, has no attempts left, or if
 * the person's credentials changed or the account was disabled since.
 */
export function findLiveChallenge(wanted: {
  readonly tokenHash: Buffer;
  readonly now: Date;
}): Statement<LiveChallenge | null> {
  return firstRow(
    build
      .select({ challenge: mfaChallenges, user: users })
      .from(mfaChallenges)
      .innerJoin(users, eq(users.id, mfaChallenges.userId))
      .where(and(eq(mfaChallenges.tokenHash, wanted.tokenHash), isLive(wanted.now))),
  );
}

/**
 * Counts an attempt before it is verified, in one statement. Concurrent attempts wait for the row's lock, so no
 * more than allowed are ever verified (RL-6).
 *
 * @returns null if the challenge has expired, was used or has no attempts left
 */
export function countAttempt(wanted: {
  readonly tokenHash: Buffer;
  readonly now: Date;
}): Statement<LiveChallenge | null> {
  const counted = build
    .update(mfaChallenges)
    .set({ attempts: sql`${mfaChallenges.attempts} + 1` })
    .from(users)
    .where(
      and(
        eq(mfaChallenges.tokenHash, wanted.tokenHash),
        eq(users.id, mfaChallenges.userId),
        isLive(wanted.now),
      ),
    )
    .returning();
  return map(firstRow(counted), (row) => {
    if (!row) return null;
    const { users: user, ...challenge } = row;
    return { challenge, user };
  });
}

/** Refunds an attempt that was never verified because the server had no capacity. */
export function refundAttempt(id: string): Statement<void> {
  return noRows(
    build
      .update(mfaChallenges)
      .set({ attempts: sql`${mfaChallenges.attempts} - 1` })
      .where(and(eq(mfaChallenges.id, id), gt(mfaChallenges.attempts, 0))),
  );
}

/** Marks a challenge as used. Of concurrent calls with correct codes, exactly one gets the row (MF-3). */
export function spendChallenge(challenge: {
  readonly id: string;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .update(mfaChallenges)
      .set({ usedAt: challenge.now })
      .where(
        and(
          eq(mfaChallenges.id, challenge.id),
          isNull(mfaChallenges.usedAt),
          gt(mfaChallenges.expiresAt, challenge.now),
        ),
      ),
  );
}

/**
 * Replaces the code that was mailed before. The attempts stay counted (EO-2).
 *
 * @returns false if the challenge has expired or has caused its maximum number of mails
 */
export function replaceEmailCode(code: {
  readonly id: string;
  readonly mac: Buffer;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .update(mfaChallenges)
      .set({ emailCodeMac: code.mac, emailCodesSent: sql`${mfaChallenges.emailCodesSent} + 1` })
      .where(
        and(
          eq(mfaChallenges.id, code.id),
          isNull(mfaChallenges.usedAt),
          gt(mfaChallenges.expiresAt, code.now),
          lt(mfaChallenges.emailCodesSent, MAX_EMAIL_CODES),
        ),
      ),
  );
}

/** Deletes challenges whose first factor was a linked account that is no longer linked (SE-10). */
export function deleteChallengesOfIdentity(about: {
  readonly userId: string;
  readonly identityId: string;
}): Statement<void> {
  return noRows(
    build
      .delete(mfaChallenges)
      .where(
        and(eq(mfaChallenges.userId, about.userId), eq(mfaChallenges.identityId, about.identityId)),
      ),
  );
}

/** Removes challenges an hour after their expiry. */
export function purgeChallenges(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -HOUR);
  const isExpired = lt(mfaChallenges.expiresAt, madeBefore);
  const expired = { table: mfaChallenges, key: mfaChallenges.id, madeBefore, isExpired };
  return purgePage(expired, page);
}

function isLive(now: Date) {
  return and(
    isNull(mfaChallenges.usedAt),
    gt(mfaChallenges.expiresAt, now),
    lt(mfaChallenges.attempts, MAX_CHALLENGE_ATTEMPTS),
    eq(mfaChallenges.credentialVersion, users.credentialVersion),
    isNull(users.disabledAt),
  );
}
