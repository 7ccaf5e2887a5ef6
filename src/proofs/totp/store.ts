import { and, asc, eq, gt, isNotNull, isNull, lt } from 'drizzle-orm';
import { build, firstRow, hasRows, noRows, rows, type Statement } from '../../db/statement.ts';
import { type TotpFactor, totpFactors } from '../../db/tables/second-factor.ts';

/**
 * Replaces an older pending secret. A confirmed one stays.
 *
 * @returns false if one is already confirmed
 */
export function replacePendingTotp(
  factor: Omit<TotpFactor, 'lastStep' | 'confirmedAt'>,
): Statement<boolean> {
  const { userId: _, ...fresh } = factor;
  return hasRows(
    build
      .insert(totpFactors)
      .values(factor)
      .onConflictDoUpdate({
        target: totpFactors.userId,
        set: { ...fresh, lastStep: 0 },
        setWhere: isNull(totpFactors.confirmedAt),
      }),
  );
}

/** The secret that waits for its first code, if this session started the setup (TO-6). */
export function findPendingTotp(wanted: {
  readonly userId: string;
  readonly sessionId: string;
  readonly now: Date;
}): Statement<TotpFactor | null> {
  const { userId, sessionId, now } = wanted;
  return firstRow(
    build
      .select()
      .from(totpFactors)
      .where(
        and(
          eq(totpFactors.userId, userId),
          eq(totpFactors.pendingSessionId, sessionId),
          isPending(now),
        ),
      ),
  );
}

/** The authenticator app that a person signs in with; null if there is none, or none is confirmed. */
export function findConfirmedTotp(userId: string): Statement<TotpFactor | null> {
  return firstRow(
    build
      .select()
      .from(totpFactors)
      .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt))),
  );
}

/**
 * The one guard against using a code twice, for enrollment, sign-in and step-up (TO-3, TO-4). It writes no
 * other column, so it cannot overwrite anything (TO-10).
 *
 * @returns false if this step or a later one was already used, or the secret was replaced
 */
export function claimStep(claim: {
  readonly id: string;
  readonly step: number;
}): Statement<boolean> {
  return hasRows(
    build
      .update(totpFactors)
      .set({ lastStep: claim.step })
      .where(and(eq(totpFactors.id, claim.id), lt(totpFactors.lastStep, claim.step))),
  );
}

/** @returns false if it is no longer pending */
export function confirmTotpFactor(factor: {
  readonly id: string;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .update(totpFactors)
      .set({ confirmedAt: factor.now, pendingSessionId: null, pendingNetwork: null })
      .where(and(eq(totpFactors.id, factor.id), isPending(factor.now))),
  );
}

/** @returns the app that was removed; null if none was confirmed */
export function deleteTotpFactor(userId: string): Statement<TotpFactor | null> {
  return firstRow(
    build
      .delete(totpFactors)
      .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)))
      .returning(),
  );
}

/** Deletes a secret that waits for its first code. */
export function deletePendingTotp(userId: string): Statement<void> {
  return noRows(
    build
      .delete(totpFactors)
      .where(and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt))),
  );
}

/** Restores a removed app. Does nothing if there is another one by now. */
export function restoreTotpFactor(factor: TotpFactor): Statement<boolean> {
  return hasRows(build.insert(totpFactors).values(factor).onConflictDoNothing());
}

/** The next seals in the order of the people, after a given key. */
export function selectTotpSeals(page: {
  readonly behind: string | null;
  readonly limit: number;
}): Statement<readonly Pick<TotpFactor, 'id' | 'userId' | 'sealedSecret'>[]> {
  return rows(
    build
      .select({
        id: totpFactors.id,
        userId: totpFactors.userId,
        sealedSecret: totpFactors.sealedSecret,
      })
      .from(totpFactors)
      .where(page.behind === null ? undefined : gt(totpFactors.userId, page.behind))
      .orderBy(asc(totpFactors.userId))
      .limit(page.limit),
  );
}

/**
 * Replaces the seal of an unchanged secret. It writes no other column (TO-10).
 *
 * @returns false if the secret was replaced or removed since it was read
 */
export function replaceSeal(seal: {
  readonly id: string;
  readonly old: Buffer;
  readonly fresh: Buffer;
}): Statement<boolean> {
  return hasRows(
    build
      .update(totpFactors)
      .set({ sealedSecret: seal.fresh })
      .where(and(eq(totpFactors.id, seal.id), eq(totpFactors.sealedSecret, seal.old))),
  );
}

function isPending(now: Date) {
  return and(isNull(totpFactors.confirmedAt), gt(totpFactors.pendingUntil, now));
}
