import { and, asc, eq, gt, isNotNull, isNull, lt } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type TotpFactor, totpFactors } from '../../db/tables/second-factor.ts';

/**
 * Puts a pending secret in the place of an older pending one; a confirmed one stays.
 *
 * @returns false when one is confirmed already
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

/** The secret that waits for its first code, if this session began it (TO-6). */
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

/** The authenticator app a person signs in with; null for one who has none, or one not confirmed yet. */
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
 * The one guard against a second use, for every place that takes a code: enrollment, sign-in and
 * step-up (TO-3, TO-4). Writes this column and no other, so that it brings nothing else back
 * (TO-10).
 *
 * @returns false when that step or a later one was used already, or the secret was replaced
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

/** @returns false when it is pending no longer */
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

/** @returns the app that was removed; null when none was confirmed */
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

/** Forgets a secret that waits for its first code. */
export async function deletePendingTotp(executor: Executor, userId: string): Promise<void> {
  await executor
    .delete(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNull(totpFactors.confirmedAt)));
}

/** Puts a removed app back; nothing happens when there is another one by now. */
export async function restoreTotpFactor(executor: Executor, factor: TotpFactor): Promise<boolean> {
  const restored = await executor
    .insert(totpFactors)
    .values(factor)
    .onConflictDoNothing()
    .returning({ id: totpFactors.id });
  return restored.length === 1;
}

/** The next seals in the order of the people, behind one of them. */
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
 * Puts another seal around the same secret. Writes this column and no other (TO-10).
 *
 * @returns false when the secret was replaced or removed since it was read
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
