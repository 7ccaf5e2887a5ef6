import { and, asc, eq, exists, inArray, isNotNull, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Executor } from '../db/driver/client.ts';
import { type Identity, identities } from '../db/tables/identity.ts';
import { users } from '../db/tables/user.ts';

/** Identifies an account at a provider. Its email address never does (OA-5). */
export type IdentityKey = { readonly issuer: string; readonly subject: string };

/** More than anybody links. It bounds what one request reads. */
const MAX_LISTED = 100;

/**
 * Serializes all transactions for this identity, even while it has no row. Two first sign-ins at the same time
 * then create one account (OA-10).
 */
export async function lockIdentity(executor: Executor, key: IdentityKey): Promise<void> {
  await executor.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`${key.issuer} ${key.subject}`}, 0))`,
  );
}

/** The link of an account at a provider, whoever it belongs to; null if it is not linked. */
export async function findIdentity(executor: Executor, key: IdentityKey): Promise<Identity | null> {
  const [identity] = await executor
    .select()
    .from(identities)
    .where(and(eq(identities.issuer, key.issuer), eq(identities.subject, key.subject)));
  return identity ?? null;
}

/** @returns null if the identity is already linked to any account (decided by the constraint) */
export async function insertIdentity(
  executor: Executor,
  identity: Identity,
): Promise<Identity | null> {
  const [inserted] = await executor
    .insert(identities)
    .values(identity)
    .onConflictDoNothing({ target: [identities.issuer, identities.subject] })
    .returning();
  return inserted ?? null;
}

/** A person's linked accounts, oldest first. */
export async function listIdentities(executor: Executor, userId: string): Promise<Identity[]> {
  return await executor
    .select()
    .from(identities)
    .where(eq(identities.userId, userId))
    .orderBy(asc(identities.id))
    .limit(MAX_LISTED);
}

/** The identity, if it belongs to this person (SE-4). */
export async function findOwnIdentity(
  executor: Executor,
  wanted: { readonly id: string; readonly userId: string },
): Promise<Identity | null> {
  const [identity] = await executor
    .select()
    .from(identities)
    .where(and(eq(identities.id, wanted.id), eq(identities.userId, wanted.userId)));
  return identity ?? null;
}

/**
 * Unlinks one identity of this person, unless it is their last way of signing in: the account must have a
 * password or another identity of an issuer that is still configured (OA-11). Call it with the person's row
 * locked; otherwise two concurrent calls each see the other's identity.
 */
export async function deleteIdentityUnlessLast(
  executor: Executor,
  wanted: {
    readonly id: string;
    readonly userId: string;
    readonly usableIssuers: readonly string[];
  },
): Promise<Identity | null> {
  const other = alias(identities, 'other');
  const hasPassword = executor
    .select({ one: sql`1` })
    .from(users)
    .where(and(eq(users.id, wanted.userId), isNotNull(users.passwordHash)));
  const hasAnother = executor
    .select({ one: sql`1` })
    .from(other)
    .where(
      and(
        eq(other.userId, wanted.userId),
        ne(other.id, wanted.id),
        inArray(other.issuer, [...wanted.usableIssuers]),
      ),
    );
  const [deleted] = await executor
    .delete(identities)
    .where(
      and(
        eq(identities.id, wanted.id),
        eq(identities.userId, wanted.userId),
        or(exists(hasPassword), exists(hasAnother)),
      ),
    )
    .returning();
  return deleted ?? null;
}

/**
 * Unlinks one identity of a person, even their last way of signing in: after an undo, the mailbox remains
 * (PR-12).
 */
export async function deleteIdentity(
  executor: Executor,
  identity: { readonly id: string; readonly userId: string },
): Promise<void> {
  await executor
    .delete(identities)
    .where(and(eq(identities.id, identity.id), eq(identities.userId, identity.userId)));
}

/** Unlinks all identities of a person (PR-8). */
export async function deleteIdentities(executor: Executor, userId: string): Promise<number> {
  const deleted = await executor
    .delete(identities)
    .where(eq(identities.userId, userId))
    .returning({ id: identities.id });
  return deleted.length;
}
