import { and, asc, eq, gt, isNotNull, isNull, lt } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type TotpFactor, totpFactors } from '../../db/tables/second-factor.ts';

/**
 * Replaces an older pending secret. A confirmed one stays.
 *
 * @returns false if one is already confirmed
 */
export async function replacePendingTotp(
  executor: Executor,
  factor: Omit<TotpFactor, 'lastStep' | 'confirmedAt'>,
): Promise<boolean> {
  const { userId: _, ...fresh } = factor;
  const replaced = await executor
    .insert(totpFactors)
    .values(factor)
    .onConflictDoUpdate({
      target: totpFactors.userId,
      set: { ...fresh, lastStep: 0 },
      setWhere: isNull(totpFactors.confirmedAt),
    })
    .returning({ id: totpFactors.id });
  return replaced.length === 1;
}

/** The secret that waits for its first code, if this session started the setup (TO-6). */
export async function findPendingTotp(
  executor: Executor,
  wanted: { readonly userId: string; readonly sessionId: string; readonly now: Date },
): Promise<TotpFactor | null> {
  const { userId, sessionId, now } = wanted;
  const [factor] = await executor
    .select()
    .from(totpFactors)
    .where(
      and(
        eq(totpFactors.userId, userId),
        eq(totpFactors.pendingSessionId, sessionId),
        isPending(now),
      ),
    );
  return factor ?? null;
}

/** The authenticator app that a person signs in with; null if there is none, or none is confirmed. */
export async function findConfirmedTotp(
  executor: Executor,
  userId: string,
): Promise<TotpFactor | null> {
  const [factor] = await executor
    .select()
    .from(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)));
  return factor ?? null;
}

/**
 * The one guard against using a code twice, for enrollment, sign-in and step-up (TO-3, TO-4). It writes no
 * other column, so it cannot overwrite anything (TO-10).
 *
 * @returns false if this step or a later one was already used, or the secret was replaced
 */
export async function claimStep(
  executor: Executor,
  claim: { readonly id: string; readonly step: number },
): Promise<boolean> {
  const claimed = await executor
    .update(totpFactors)
    .set({ lastStep: claim.step })
    .where(and(eq(totpFactors.id, claim.id), lt(totpFactors.lastStep, claim.step)))
    .returning({ id: totpFactors.id });
  return claimed.length === 1;
}

/** @returns false if it is no longer pending */
export async function confirmTotpFactor(
  executor: Executor,
  factor: { readonly id: string; readonly now: Date },
): Promise<boolean> {
  const confirmed = await executor
    .update(totpFactors)
    .set({ confirmedAt: factor.now, pendingSessionId: null, pendingNetwork: null })
    .where(and(eq(totpFactors.id, factor.id), isPending(factor.now)))
    .returning({ id: totpFactors.id });
  return confirmed.length === 1;
}

/** @returns the app that was removed; null if none was confirmed */
export async function deleteTotpFactor(
  executor: Executor,
  userId: string,
): Promise<TotpFactor | null> {
  const [deleted] = await executor
    .delete(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt)))
    .returning();
  return deleted ?? null;
}

/** Deletes a secret that waits for its first code. */
export async function deletePendingTotp(executor: Executor, userId: string): Promise<void> {
  await executor
    .delete(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt)));
}

/** Restores a removed app. Does nothing if there is another one by now. */
export async function restoreTotpFactor(executor: Executor, factor: TotpFactor): Promise<boolean> {
  const restored = await executor
    .insert(totpFactors)
    .values(factor)
    .onConflictDoNothing()
    .returning({ id: totpFactors.id });
  return restored.length === 1;
}

/** The next seals in the order of the people, after a given key. */
export async function selectTotpSeals(
  executor: Executor,
  page: { readonly behind: string | null; readonly limit: number },
): Promise<Pick<TotpFactor, 'id' | 'userId' | 'sealedSecret'>[]> {
  return await executor
    .select({
      id: totpFactors.id,
      userId: totpFactors.userId,
      sealedSecret: totpFactors.sealedSecret,
    })
    .from(totpFactors)
    .where(page.behind === null ? undefined : gt(totpFactors.userId, page.behind))
    .orderBy(asc(totpFactors.userId))
    .limit(page.limit);
}

/**
 * Replaces the seal of an unchanged secret. It writes no other column (TO-10).
 *
 * @returns false if the secret was replaced or removed since it was read
 */
export async function replaceSeal(
  executor: Executor,
  seal: { readonly id: string; readonly old: Buffer; readonly fresh: Buffer },
): Promise<boolean> {
  const replaced = await executor
    .update(totpFactors)
    .set({ sealedSecret: seal.fresh })
    .where(and(eq(totpFactors.id, seal.id), eq(totpFactors.sealedSecret, seal.old)))
    .returning({ id: totpFactors.id });
  return replaced.length === 1;
}

function isPending(now: Date) {
  return and(isNull(totpFactors.confirmedAt), gt(totpFactors.pendingUntil, now));
}
