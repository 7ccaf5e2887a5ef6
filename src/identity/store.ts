import { and, asc, eq, sql } from 'drizzle-orm';
import { columnsOf } from '../db/selection.ts';
import {
  build,
  firstRow,
  hotStatement,
  noRows,
  rowCount,
  rows,
  type Statement,
} from '../db/statement.ts';
import { type Identity, identities } from '../db/tables/identity.ts';

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

/**
 * The links of all accounts with this id, whichever the provider. There is no index by subject alone, so the statement goes
 * from issuer to issuer in the index of both: they are as few as the providers and their tenants.
 */
export function findIdentitiesBySubject(subject: string): Statement<readonly Identity[]> {
  return selectBySubject({ subject });
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

/** The linked accounts of these people, oldest first. */
export function listIdentitiesOf(userIds: readonly string[]): Statement<readonly Identity[]> {
  return selectOfPeople({ userIds });
}

const IDENTITY = columnsOf(identities);

const selectOfPeople = hotStatement<{ userIds: readonly string[] }, Identity>(
  (value) => sql`
    select ${IDENTITY.columns} from ${identities}
    where ${identities.userId} = any(${value('userIds')}::uuid[]) order by ${identities.id}`,
  IDENTITY,
);

const selectBySubject = hotStatement<{ subject: string }, Identity>(
  (value) => sql`
    with recursive known (issuer) as (
      (select issuer from ${identities} order by issuer limit 1)
      union all
      select (select later.issuer from ${identities} as later where later.issuer > known.issuer
        order by later.issuer limit 1)
      from known where known.issuer is not null
    )
    select ${IDENTITY.columns} from known join ${identities}
      on ${identities.issuer} = known.issuer and ${identities.subject} = ${value('subject')}
    limit ${sql.raw(String(MAX_LISTED))}`,
  IDENTITY,
);

/** Unlinks one identity of this person. Another person's identity matches no row (SE-4). */
export function deleteIdentity(identity: {
  readonly id: string;
  readonly userId: string;
}): Statement<Identity | null> {
  return firstRow(
    build
      .delete(identities)
      .where(and(eq(identities.id, identity.id), eq(identities.userId, identity.userId)))
      .returning(),
  );
}

/** Unlinks all identities of a person (PR-8). */
export function deleteIdentities(userId: string): Statement<number> {
  return rowCount(build.delete(identities).where(eq(identities.userId, userId)));
}
