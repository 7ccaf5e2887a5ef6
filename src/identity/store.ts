import { and, asc, eq, exists, inArray, isNotNull, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { build, firstRow, noRows, rowCount, rows, type Statement } from '../db/statement.ts';
import { type Identity, identities } from '../db/tables/identity.ts';
import { users } from '../db/tables/user.ts';

/** Identifies an account at a provider. Its email address never does (OA-5). */
export type IdentityKey = { readonly issuer: string; readonly subject: string };

/** The largest number of linked accounts that one request reads. Nobody links as many. */
const MAX_LISTED = 100;

/**
 * Serializes all transactions for this identity, even while it has no row. Two first sign-ins at the same time
 * then create one account (OA-10).
 */
export function lockIdentity(key: IdentityKey): Statement<void> {
  return noRows(
    sql`select pg_advisory_xact_lock(hashtextextended(${`${key.issuer} ${key.subject}`}, 0))`,
  );
}

/** The link of an account at a provider, whoever it belongs to; null if it is not linked. */
export function findIdentity(key: IdentityKey): Statement<Identity | null> {
  return firstRow(
    build
      .select()
      .from(identities)
      .where(and(eq(identities.issuer, key.issuer), eq(identities.subject, key.subject))),
  );
}

/** @returns null if the identity is already linked to any account (decided by the constraint) */
export function insertIdentity(identity: Identity): Statement<Identity | null> {
  return firstRow(
    build
      .insert(identities)
      .values(identity)
      .onConflictDoNothing({ target: [identities.issuer, identities.subject] })
      .returning(),
  );
}

/** A person's linked accounts, oldest first. */
export function listIdentities(userId: string): Statement<readonly Identity[]> {
  return rows(
    build
      .select()
      .from(identities)
      .where(eq(identities.userId, userId))
      .orderBy(asc(identities.id))
      .limit(MAX_LISTED),
  );
}

/** The identity, if it belongs to this person (SE-4). */
export function findOwnIdentity(wanted: {
  readonly id: string;
  readonly userId: string;
}): Statement<Identity | null> {
  return firstRow(
    build
      .select()
      .from(identities)
      .where(and(eq(identities.id, wanted.id), eq(identities.userId, wanted.userId))),
  );
}

/**
 * Unlinks one identity of this person, unless it is their last way of signing in: the account must have a
 * password or another identity of an issuer that is still configured (OA-11). Call it with the person's row
 * locked; otherwise two concurrent calls each see the other's identity.
 */
export function deleteIdentityUnlessLast(wanted: {
  readonly id: string;
  readonly userId: string;
  readonly usableIssuers: readonly string[];
}): Statement<Identity | null> {
  const other = alias(identities, 'other');
  const hasPassword = build
    .select({ one: sql`1` })
    .from(users)
    .where(and(eq(users.id, wanted.userId), isNotNull(users.passwordHash)));
  const hasAnother = build
    .select({ one: sql`1` })
    .from(other)
    .where(
      and(
        eq(other.userId, wanted.userId),
        ne(other.id, wanted.id),
        inArray(other.issuer, [...wanted.usableIssuers]),
      ),
    );
  return firstRow(
    build
      .delete(identities)
      .where(
        and(
          eq(identities.id, wanted.id),
          eq(identities.userId, wanted.userId),
          or(exists(hasPassword), exists(hasAnother)),
        ),
      )
      .returning(),
  );
}

/**
 * Unlinks one identity of a person, even their last way of signing in: after an undo, the mailbox remains
 * (PR-12).
 */
export function deleteIdentity(identity: {
  readonly id: string;
  readonly userId: string;
}): Statement<void> {
  return noRows(
    build
      .delete(identities)
      .where(and(eq(identities.id, identity.id), eq(identities.userId, identity.userId))),
  );
}

/** Unlinks all identities of a person (PR-8). */
export function deleteIdentities(userId: string): Statement<number> {
  return rowCount(build.delete(identities).where(eq(identities.userId, userId)));
}
