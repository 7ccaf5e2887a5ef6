import { and, eq, gt, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Executor } from '../db/driver/client.ts';
import { demand } from '../db/one-trip.ts';
import type { PersonKey } from '../db/person-key.ts';
import { prepared } from '../db/prepared.ts';
import { type User, users } from '../db/tables/user.ts';

/**
 * The account of an address in canonical form; null when there is none. It may be disabled, or the
 * address unproven.
 */
export async function findUserByEmail(executor: Executor, email: string): Promise<User | null> {
  const [user] = await findByEmail(executor, { email });
  return user ?? null;
}

const findByEmail = prepared<{ email: string }>()((executor) =>
  executor
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare('find_user_by_email'),
);

/** Whose address this is, for a statement that is sent before that is known here. */
export function userIdOf(email: string): PersonKey {
  return { id: BY_EMAIL, values: { email } };
}

const BY_EMAIL = sql`(select ${users.id} from ${users} where ${users.email} = ${sql.placeholder('email')})`;

/** The account of an id; null when it was deleted. It may be disabled. */
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

/**
 * Makes a person in a transaction of one round trip: where {@link insertUser} returns null, this one
 * ends the transaction. What refers to the person comes after it.
 */
export async function insertUserTogether(tx: Executor, user: User): Promise<void> {
  const isThere = sql`exists (select from ${users} where ${eq(users.id, user.id)})`;
  await Promise.all([insertUser(tx, user), demand(tx, isThere)]);
}

/**
 * A person's row, held until the transaction ends: of two changes of one account the second sees
 * what the first left. References to the row (a new mail proof) need not wait.
 */
export async function lockUser(executor: Executor, id: string): Promise<User | null> {
  const [user] = await executor.select().from(users).where(eq(users.id, id)).for('no key update');
  return user ?? null;
}

/** A person's row, held against changes until the transaction ends; others may hold it as well. */
export async function lockUserForShare(executor: Executor, id: string): Promise<User | null> {
  const [user] = await executor.select().from(users).where(eq(users.id, id)).for('share');
  return user ?? null;
}

/** True when an undo has voided the device tokens that were issued to an address then (PR-12). */
export async function isDeviceVoided(
  executor: Executor,
  email: string,
  issuedAt: Date,
): Promise<boolean> {
  const rows = await executor
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.email, email), gt(users.deviceTokensVoidBefore, issuedAt)));
  return rows.length > 0;
}

/** Marks the address proven (PR-9). Call it for a locked row. */
export async function markEmailVerified(
  executor: Executor,
  userId: string,
  now: Date,
): Promise<User | null> {
  return await update(executor, userId, { emailVerifiedAt: now, updatedAt: now });
}

/** Sets a password that a proof allowed. What was earned with the earlier ones is over (SE-2). */
export async function setPassword(
  executor: Executor,
  change: {
    readonly userId: string;
    readonly passwordHash: string;
    /** True when a mail allowed it: the password then rests on the mailbox (EO-6). */
    readonly fromMail: boolean;
    readonly now: Date;
  },
): Promise<User | null> {
  return await update(executor, change.userId, {
    passwordHash: change.passwordHash,
    passwordFromMail: change.fromMail,
    credentialVersion: nextVersion,
    updatedAt: change.now,
  });
}

/** One who held more than the mailbox has used this password: it stands by itself again (EO-6). */
export async function trustPassword(
  executor: Executor,
  proven: Pick<User, 'id' | 'credentialVersion'>,
): Promise<void> {
  await executor
    .update(users)
    .set({ passwordFromMail: false })
    .where(and(eq(users.id, proven.id), eq(users.credentialVersion, proven.credentialVersion)));
}

/** Moves a person to an address they have proven; the constraint has the last word (PR-7). */
export async function changeEmail(
  executor: Executor,
  change: { readonly userId: string; readonly email: string; readonly now: Date },
): Promise<User | null> {
  return await update(executor, change.userId, {
    email: change.email,
    emailVerifiedAt: change.now,
    credentialVersion: nextVersion,
    updatedAt: change.now,
  });
}

/** Takes away what somebody said of themself before the address was proven (PR-8). */
export async function clearUnprovenProfile(
  executor: Executor,
  userId: string,
  now: Date,
): Promise<User | null> {
  return await update(executor, userId, {
    passwordHash: null,
    passwordFromMail: false,
    name: null,
    credentialVersion: nextVersion,
    updatedAt: now,
  });
}

/** Writes what a person calls themself; null takes the name away. Null in return: the person is gone. */
export async function setName(
  executor: Executor,
  change: { readonly userId: string; readonly name: string | null; readonly now: Date },
): Promise<User | null> {
  return await update(executor, change.userId, { name: change.name, updatedAt: change.now });
}

/** Deletes a person and, by cascade, all that refers to them (DR-5). */
export async function deleteUser(executor: Executor, id: string): Promise<boolean> {
  const deleted = await executor.delete(users).where(eq(users.id, id)).returning({ id: users.id });
  return deleted.length === 1;
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

const nextVersion = sql`${users.credentialVersion} + 1`;

async function update(
  executor: Executor,
  userId: string,
  change: PgUpdateSetSource<typeof users>,
): Promise<User | null> {
  const [updated] = await executor
    .update(users)
    .set(change)
    .where(eq(users.id, userId))
    .returning();
  return updated ?? null;
}
