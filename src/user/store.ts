import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { assertInTransaction } from '../db/pipeline.ts';
import { columnsOf } from '../db/selection.ts';
import {
  build,
  firstRow,
  hasRows,
  hotStatement,
  map,
  noRows,
  rows,
  type Statement,
} from '../db/statement.ts';
import { type User, users } from '../db/tables/user.ts';

/** All columns of a person. */
const USER = columnsOf(users);

/**
 * The account of an address in canonical form; null if there is none. The account may be disabled or the
 * address unverified.
 */
export function findUserByEmail(email: string): Statement<User | null> {
  return firstRow(selectByEmail({ email }));
}

const selectByEmail = hotStatement<{ email: string }, User>(
  (value) => sql`select ${USER.columns} from ${users} where ${users.email} = ${value('email')}`,
  USER,
);

/** The account with an id; null if it was deleted. The account may be disabled. */
export function findUserById(id: string): Statement<User | null> {
  return firstRow(build.select().from(users).where(eq(users.id, id)));
}

/** The account with an id of another system; null if there is none. The account may be disabled. */
export function findUserByExternalId(externalId: string): Statement<User | null> {
  return firstRow(build.select().from(users).where(eq(users.externalId, externalId)));
}

/** The addresses of these people as they are today, by id. A deleted account has none. */
export function emailsOfUsers(userIds: readonly string[]): Statement<ReadonlyMap<string, string>> {
  const { id, email } = users;
  const found = build
    .select({ id, email })
    .from(users)
    .where(inArray(users.id, [...userIds]));
  return map(rows(found), (people) => new Map(people.map((one) => [one.id, one.email])));
}

/** @returns the new person, or null if the address is taken (decided by the constraint, DR-4) */
export function insertUser(user: typeof users.$inferInsert): Statement<User | null> {
  return firstRow(
    build.insert(users).values(user).onConflictDoNothing({ target: users.email }).returning(),
  );
}

/** Makes a person whose address must be free: if it is taken, the transaction fails with an assertion. */
export function insertUserOrFail(user: User): readonly Statement<unknown>[] {
  const isThere = sql`exists (select from ${users} where ${eq(users.id, user.id)})`;
  return [insertUser(user), assertInTransaction('address-free', isThere)];
}

/**
 * Locks a person's row until the transaction ends, so that of two changes of one account the second sees what the
 * first left. New references to the row, such as a mail proof, need not wait.
 */
export function lockUserForUpdate(id: string): Statement<User | null> {
  return firstRow(build.select().from(users).where(eq(users.id, id)).for('no key update'));
}

/** Locks a person's row against changes until the transaction ends. Others may hold the same lock. */
export function lockUserForShare(id: string): Statement<User | null> {
  return firstRow(build.select().from(users).where(eq(users.id, id)).for('share'));
}

/** True if an undo has voided the device tokens that had been issued to an address by that time (PR-12). */
export function isDeviceVoided(email: string, issuedAt: Date): Statement<boolean> {
  return hasRows(
    build
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.email, email), gt(users.deviceTokensVoidBefore, issuedAt))),
  );
}

/** Marks the address as verified (PR-9). Call it for a locked row. */
export function markEmailVerified(userId: string, now: Date): Statement<User | null> {
  return update(userId, { emailVerifiedAt: now, updatedAt: now });
}

/**
 * Sets a password that a proof allowed. Everything that was issued under the earlier credentials becomes
 * invalid (SE-2).
 */
export function setPassword(change: {
  readonly userId: string;
  readonly passwordHash: string;
  /** True if a mail allowed it: the password then depends on the mailbox (EO-6). */
  readonly fromMail: boolean;
  readonly now: Date;
}): Statement<User | null> {
  return update(change.userId, {
    passwordHash: change.passwordHash,
    passwordFromMail: change.fromMail,
    credentialVersion: nextVersion,
    updatedAt: change.now,
  });
}

/**
 * Records that a person has used this password together with another factor than the mailbox, so that the
 * password no longer depends on the mailbox (EO-6).
 */
export function trustPassword(proven: Pick<User, 'id' | 'credentialVersion'>): Statement<void> {
  return noRows(
    build
      .update(users)
      .set({ passwordFromMail: false })
      .where(and(eq(users.id, proven.id), eq(users.credentialVersion, proven.credentialVersion))),
  );
}

/** Changes a person's address to one that they have verified. The constraint decides in the end (PR-7). */
export function changeEmail(change: {
  readonly userId: string;
  readonly email: string;
  readonly now: Date;
}): Statement<User | null> {
  return update(change.userId, {
    email: change.email,
    emailVerifiedAt: change.now,
    credentialVersion: nextVersion,
    updatedAt: change.now,
  });
}

/** Removes the profile that somebody entered before the address was verified (PR-8). */
export function clearUnprovenProfile(userId: string, now: Date): Statement<User | null> {
  return update(userId, {
    passwordHash: null,
    passwordFromMail: false,
    name: null,
    picture: null,
    locale: null,
    preferences: {},
    credentialVersion: nextVersion,
    updatedAt: now,
  });
}

/** What a person says about themselves. Null is nothing. */
export type Profile = Pick<User, 'name' | 'picture' | 'locale' | 'preferences'>;

/**
 * Changes a person's profile; what is left out stays.
 *
 * @returns null if the person no longer exists
 */
export function changeProfile(change: {
  readonly userId: string;
  readonly profile: Partial<Profile>;
  readonly now: Date;
}): Statement<User | null> {
  return update(change.userId, { ...change.profile, updatedAt: change.now });
}

/** What an administrator changes of a person. Null removes a value, and undefined leaves it unchanged. */
export type AccountChange = {
  readonly name?: string | null | undefined;
  readonly picture?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly externalId?: string | null | undefined;
};

/**
 * Changes the profile, the attributes and the external id of a person.
 *
 * @returns null if the person no longer exists
 */
export function updateAccount(
  change: AccountChange & { readonly userId: string; readonly now: Date },
): Statement<User | null> {
  const { userId, now, ...values } = change;
  return update(userId, { ...values, updatedAt: now });
}

/** Deletes a person and, by cascade, everything that refers to them (DR-5). */
export function deleteUser(id: string): Statement<boolean> {
  return hasRows(build.delete(users).where(eq(users.id, id)));
}

/** Stores a stronger hash of the same password, unless the password was changed meanwhile (PW-5). */
export function replacePasswordHash(change: {
  readonly userId: string;
  readonly from: string;
  readonly to: string;
}): Statement<void> {
  return noRows(
    build
      .update(users)
      .set({ passwordHash: change.to })
      .where(and(eq(users.id, change.userId), eq(users.passwordHash, change.from))),
  );
}

const nextVersion = sql`${users.credentialVersion} + 1`;

function update(userId: string, change: PgUpdateSetSource<typeof users>): Statement<User | null> {
  return firstRow(build.update(users).set(change).where(eq(users.id, userId)).returning());
}
