import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import {
  type PendingRegistration,
  pendingRegistrations,
  type User,
  users,
} from '../db/tables/user.ts';

/** What a password may be compared with: the account of an address, and its pending registration. */
export type SignInCandidate = {
  readonly user: User | null;
  readonly pending: PendingRegistration | null;
};

/** Reads both in one statement, so that the answer takes as long whichever exists (LG-2). */
export async function findSignInCandidate(
  executor: Executor,
  email: string,
  now: Date,
): Promise<SignInCandidate> {
  const wanted = sql`(select ${email}::text as email) as wanted`;
  const [row] = await executor
    .select({ user: users, pending: pendingRegistrations })
    .from(wanted)
    .leftJoin(users, eq(users.email, sql`wanted.email`))
    .leftJoin(
      pendingRegistrations,
      and(
        eq(pendingRegistrations.email, sql`wanted.email`),
        gt(pendingRegistrations.expiresAt, now),
      ),
    );
  return row ?? { user: null, pending: null };
}

export async function findUserByEmail(executor: Executor, email: string): Promise<User | null> {
  const [user] = await executor.select().from(users).where(eq(users.email, email));
  return user ?? null;
}

export async function findUserById(executor: Executor, id: string): Promise<User | null> {
  const [user] = await executor.select().from(users).where(eq(users.id, id));
  return user ?? null;
}

/** @returns the new person, or null when the address is taken (decided by the constraint, DR-4) */
export async function insertUser(
  executor: Executor,
  user: typeof users.$inferInsert,
): Promise<User | null> {
  const [inserted] = await executor
    .insert(users)
    .values(user)
    .onConflictDoNothing({ target: users.email })
    .returning();
  return inserted ?? null;
}

/** Marks the address proven, unless it was already or the account moved on (PR-9). */
export async function markEmailVerified(
  executor: Executor,
  user: { readonly id: string; readonly email: string },
  now: Date,
): Promise<User | null> {
  const [updated] = await executor
    .update(users)
    .set({ emailVerifiedAt: now, updatedAt: now })
    .where(and(eq(users.id, user.id), eq(users.email, user.email), isNull(users.emailVerifiedAt)))
    .returning();
  return updated ?? null;
}

/**
 * Takes an account whose address nobody ever proved away from whoever claimed it: its password and
 * everything that hangs on its credentials end here (PR-8). The conditions decide.
 */
export async function claimUnverifiedUser(
  executor: Executor,
  claim: { readonly id: string; readonly email: string; readonly name: string | null },
  now: Date,
): Promise<User | null> {
  const [claimed] = await executor
    .update(users)
    .set({
      name: claim.name,
      passwordHash: null,
      emailVerifiedAt: now,
      credentialVersion: sql`${users.credentialVersion} + 1`,
      updatedAt: now,
    })
    .where(
      and(
        eq(users.id, claim.id),
        eq(users.email, claim.email),
        isNull(users.emailVerifiedAt),
        isNull(users.disabledAt),
      ),
    )
    .returning();
  return claimed ?? null;
}

/** Locks a person's row until the transaction ends, so that acts on it take turns. */
export async function lockUser(executor: Executor, id: string): Promise<void> {
  await executor.select({ id: users.id }).from(users).where(eq(users.id, id)).for('no key update');
}

/** Stores a stronger hash of the same password, only if nobody changed it meanwhile (PW-5). */
export async function replacePasswordHash(
  executor: Executor,
  change: { readonly userId: string; readonly from: string; readonly to: string },
): Promise<void> {
  await executor
    .update(users)
    .set({ passwordHash: change.to })
    .where(and(eq(users.id, change.userId), eq(users.passwordHash, change.from)));
}
