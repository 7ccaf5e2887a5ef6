import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { prepared } from '../db/prepared.ts';
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
  const [row] = await findCandidate(executor, { email, now });
  return row ?? { user: null, pending: null };
}

const findCandidate = prepared<{ email: string; now: Date }>()((executor) => {
  const wanted = sql`(select ${sql.placeholder('email')}::text as email) as wanted`;
  return executor
    .select({ user: users, pending: pendingRegistrations })
    .from(wanted)
    .leftJoin(users, eq(users.email, sql`wanted.email`))
    .leftJoin(
      pendingRegistrations,
      and(
        eq(pendingRegistrations.email, sql`wanted.email`),
        gt(
          pendingRegistrations.expiresAt,
          sql.param(sql.placeholder('now'), pendingRegistrations.expiresAt),
        ),
      ),
    )
    .prepare('find_sign_in_candidate');
});

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
