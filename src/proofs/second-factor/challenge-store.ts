import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../../db/purge-page.ts';
import { build, firstRow, hasRows, map, noRows, type Statement } from '../../db/statement.ts';
import { type MfaChallenge, mfaChallenges } from '../../db/tables/second-factor.ts';
import { type User, users } from '../../db/tables/user.ts';
import { after, HOUR } from '../../kernel/duration.ts';

/** Tries a challenge takes, over all methods (RL-8). */
export const MAX_CHALLENGE_ATTEMPTS = 5;

/** Mails a challenge may cause (RL-9). */
const MAX_EMAIL_CODES = 3;

/** A challenge with the person it speaks of. */
export type LiveChallenge = { readonly challenge: MfaChallenge; readonly user: User };

/** Remembers that a first factor was right, for whoever holds the token (MF-1). */
export function insertChallenge(challenge: typeof mfaChallenges.$inferInsert): Statement<void> {
  return noRows(build.insert(mfaChallenges).values(challenge));
}

/**
 * Reads a challenge without counting a try. Null when it is over, used or used up, and when the
 * person's credentials changed or the account was disabled since.
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
 * Counts a try before it is judged, in one statement: racers take turns at the row's lock, so no
 * more than the budget is ever judged (RL-6).
 *
 * @returns null when the challenge is over, used or used up
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

/** Takes back a try that was never judged: the server had no room to. */
export function refundAttempt(id: string): Statement<void> {
  return noRows(
    build
      .update(mfaChallenges)
      .set({ attempts: sql`${mfaChallenges.attempts} - 1` })
      .where(and(eq(mfaChallenges.id, id), gt(mfaChallenges.attempts, 0))),
  );
}

/** Uses a challenge up: of any number of racers with right codes one gets it (MF-3). */
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
 * Puts a code in the place of the one mailed before; the tries stay counted (EO-2).
 *
 * @returns false when the challenge is over or has caused its share of mails
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

/** Forgets challenges whose first factor was a linked account, when that is linked no longer (SE-10). */
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

/** Removes challenges that are over, an hour after their end. */
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
