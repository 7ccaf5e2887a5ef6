import { and, eq, gt, isNotNull, lt } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { type PendingRegistration, pendingRegistrations } from '../db/tables/user.ts';
import { after, HOUR } from '../kernel/duration.ts';

/** Puts a registration in the place of any earlier one for its address (PR-8). */
export async function replacePendingRegistration(
  executor: Executor,
  registration: PendingRegistration,
): Promise<void> {
  const { email: _, ...replacement } = registration;
  await executor
    .insert(pendingRegistrations)
    .values(registration)
    .onConflictDoUpdate({ target: pendingRegistrations.email, set: replacement });
}

/**
 * Takes the password from the registration that waits for an address: somebody else has asked for the
 * same one, and of whom the mail already under way speaks, its reader cannot tell (PR-8).
 */
export async function contestPendingRegistration(executor: Executor, email: string): Promise<void> {
  await executor
    .update(pendingRegistrations)
    .set({ passwordHash: null })
    .where(
      and(eq(pendingRegistrations.email, email), isNotNull(pendingRegistrations.passwordHash)),
    );
}

/** Takes a registration out, for the one proof that was made for it. */
export async function takePendingRegistration(
  executor: Executor,
  id: string,
  now: Date,
): Promise<PendingRegistration | null> {
  const [pending] = await executor
    .delete(pendingRegistrations)
    .where(and(eq(pendingRegistrations.id, id), gt(pendingRegistrations.expiresAt, now)))
    .returning();
  return pending ?? null;
}

/** Forgets the registration that waits for an address: whoever holds the address has spoken. */
export async function deletePendingRegistration(executor: Executor, email: string): Promise<void> {
  await executor.delete(pendingRegistrations).where(eq(pendingRegistrations.email, email));
}

/** Removes registrations that nobody proved in time: a stranger's password has no reason to stay. */
export function purgePendingRegistrations(
  executor: Executor,
  page: PurgePage,
): Promise<PurgedPage> {
  const { id: key, expiresAt } = pendingRegistrations;
  const madeBefore = after(page.now, -HOUR);
  const isOver = lt(expiresAt, madeBefore);
  return purgePage(executor, { table: pendingRegistrations, key, madeBefore, isOver }, page);
}
