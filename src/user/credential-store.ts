import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { build, firstRow, noRows, type Statement } from '../db/statement.ts';
import { type User, users } from '../db/tables/user.ts';

/**
 * Locks a person's row so that their credentials stay as they are until the transaction ends. It waits for a
 * change under way, and a later change waits for it. Take this lock before any lock on the person's other rows.
 *
 * @returns null if the credentials have changed since that version, or the account is disabled
 */
export function lockCredentialsForShare(person: {
  readonly id: string;
  readonly credentialVersion: number;
}): Statement<User | null> {
  return firstRow(
    build
      .select()
      .from(users)
      .where(
        and(
          eq(users.id, person.id),
          eq(users.credentialVersion, person.credentialVersion),
          isNull(users.disabledAt),
        ),
      )
      .for('share'),
  );
}

/**
 * Applies an undo to the person (PR-12): it removes the password, whoever set it, makes every device unknown,
 * and invalidates everything that was issued under the credentials before. A reset sets the next password.
 *
 * @param change.email moves the account back to an address that was just verified; null leaves it unchanged
 */
export function undoCredentials(change: {
  readonly userId: string;
  readonly email: string | null;
  readonly now: Date;
}): Statement<void> {
  const { userId, email, now } = change;
  return noRows(
    build
      .update(users)
      .set({
        ...(email !== null && { email, emailVerifiedAt: now }),
        passwordHash: null,
        passwordFromMail: false,
        deviceTokensVoidBefore: now,
        credentialVersion: sql`${users.credentialVersion} + 1`,
        updatedAt: now,
      })
      .where(eq(users.id, userId)),
  );
}

/**
 * Disables an account and invalidates everything that was issued under its credentials (SE-2).
 *
 * @returns null if there is no such account, or it was already disabled
 */
export function disableUser(change: {
  readonly userId: string;
  readonly reason: string | null;
  readonly now: Date;
}): Statement<User | null> {
  return firstRow(
    build
      .update(users)
      .set({
        disabledAt: change.now,
        disabledReason: change.reason,
        credentialVersion: sql`${users.credentialVersion} + 1`,
        updatedAt: change.now,
      })
      .where(and(eq(users.id, change.userId), isNull(users.disabledAt)))
      .returning(),
  );
}

/** @returns null if there is no such account, or it was not disabled */
export function enableUser(change: {
  readonly userId: string;
  readonly now: Date;
}): Statement<User | null> {
  return firstRow(
    build
      .update(users)
      .set({ disabledAt: null, disabledReason: null, updatedAt: change.now })
      .where(and(eq(users.id, change.userId), isNotNull(users.disabledAt)))
      .returning(),
  );
}

/** Invalidates everything that was issued under the credentials before (SE-2). */
export function bumpCredentialVersion(change: {
  readonly userId: string;
  readonly now: Date;
}): Statement<User | null> {
  return firstRow(
    build
      .update(users)
      .set({
        credentialVersion: sql`${users.credentialVersion} + 1`,
        updatedAt: change.now,
      })
      .where(eq(users.id, change.userId))
      .returning(),
  );
}
