import { and, eq, gt, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Executor } from '../db/driver/client.ts';
import { demand } from '../db/one-trip.ts';
import type { PersonKey } from '../db/person-key.ts';
import { prepared } from '../db/prepared.ts';
import { type User, users } from '../db/tables/user.ts';

/**
 * The account of an address in canonical form; null if there is none. The account may be disabled or the
 * address unverified.
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

/** The account of an address, for a statement that is sent before the id is known. */
export function userIdOf(email: string): PersonKey {
  return { id: BY_EMAIL, values: { email } };
}

const BY_EMAIL = sql`(select ${users.id} from ${users} where ${users.email} = ${sql.placeholder('email')})`;

/** The account with an id; null if it was deleted. The account may be disabled. */
export async function findUserById(executor: Executor, id: string): Promise<User | null> {
  const [user] = await executor.select().from(users).where(eq(users.id, id));
  return user ?? null;
}

/** @returns the new person, or null if the address is taken (decided by the constraint, DR-4) */
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

/** True if an undo has voided the device tokens that had been issued to an address by that time (PR-12). */
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

/** Marks the address as verified (PR-9). Call it for a locked row. */
export async function markEmailVerified(
  executor: Executor,
  userId: string,
  now: Date,
): Promise<User | null> {
  return await update(executor, userId, { emailVerifiedAt: now, updatedAt: now });
}

/**
 * Sets a password that a proof allowed. Everything that was issued under the earlier credentials becomes
 * invalid (SE-2).
 */
export async function setPassword(
  executor: Executor,
  change: {
    readonly userId: string;
    readonly passwordHash: string;
    /** True if a mail allowed it: the password then depends on the mailbox (EO-6). */
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

/**
 * Records that someone with more than the mailbox has used this password, so that it no longer depends on the
 * mailbox (EO-6).
 */
export async function trustPassword(
  executor: Executor,
  proven: Pick<User, 'id' | 'credentialVersion'>,
): Promise<void> {
  await executor
    .update(users)
    .set({ passwordFromMail: false })
    .where(and(eq(users.id, proven.id), eq(users.credentialVersion, proven.credentialVersion)));
}

/** Changes a person's address to one that they have verified. The constraint decides in the end (PR-7). */
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

/** Removes the profile that somebody entered before the address was verified (PR-8). */
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

/**
 * Sets a person's name; null removes it.
 *
 * @returns null if the person no longer exists
 */
export async function setName(
  executor: Executor,
  change: { readonly userId: string; readonly name: string | null; readonly now: Date },
): Promise<User | null> {
  return await update(executor, change.userId, { name: change.name, updatedAt: change.now });
}

/** Deletes a person and, by cascade, everything that refers to them (DR-5). */
export async function deleteUser(executor: Executor, id: string): Promise<boolean> {
  const deleted = await executor.delete(users).where(eq(users.id, id)).returning({ id: users.id });
  return deleted.length === 1;
}

/** Stores a stronger hash of the same password, unless the password was changed meanwhile (PW-5). */
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
