import { and, asc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
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
import {
  accessLedger,
  type LedgerRow,
  type RemovedCredential,
  removedCredentials,
} from '../db/tables/access-ledger.ts';
import { sessions } from '../db/tables/session.ts';
import { after, DAY, HOUR } from '../kernel/duration.ts';
import type { AccessKind } from './kinds.ts';

/** How long a row of the ledger is kept. */
const KEPT = 7 * DAY;

/** How far back an undo reaches, and how long it can restore what a session removed (PR-12). */
export const UNDO_REACH = 144 * HOUR;

/** Inserts an entry about an added or removed credential. */
export function insertEntry(entry: Omit<LedgerRow, 'position'>): Statement<LedgerRow> {
  return map(firstRow(build.insert(accessLedger).values(entry).returning()), (row) => {
    if (!row) throw new Error('The ledger took no row.');
    return row;
  });
}

/**
 * Writes what a session began or was stepped up with, in one statement however many things there are. The
 * session's own row says whose it is: if its insert missed, nothing is written.
 */
export function insertUses(about: {
  readonly sessionId: string;
  readonly uses: readonly Pick<LedgerRow, 'id' | 'kind' | 'thing'>[];
  readonly at: Date;
}): Statement<void> {
  return noRows(insertUsesText({ ...about, uses: JSON.stringify(about.uses) }));
}

type Uses = { readonly sessionId: string; readonly uses: string; readonly at: Date };

const insertUsesText = hotStatement<Uses, never>(
  (value) => sql`
    insert into ${accessLedger} (id, user_id, session_id, act, kind, thing, at)
    select used.id, ${sessions.userId}, ${sessions.id}, 'used', used.kind, used.thing,
      ${value('at')}::timestamptz
    from ${sessions},
      json_to_recordset((${value('uses')}::text)::json) as used (id uuid, kind text, thing text)
    where ${sessions.id} = ${value('sessionId')}`,
);

/** Every row of an account, oldest first. */
export function listEntries(userId: string): Statement<readonly LedgerRow[]> {
  return rows(
    build
      .select()
      .from(accessLedger)
      .where(eq(accessLedger.userId, userId))
      .orderBy(asc(accessLedger.position)),
  );
}

/** Keeps the sealed content of a removed credential. */
export function insertRemoved(removed: RemovedCredential): Statement<void> {
  return noRows(build.insert(removedCredentials).values(removed));
}

/** Selects the kept content of these removals. */
export function listRemoved(about: {
  readonly userId: string;
  readonly since: Date;
}): Statement<readonly RemovedCredential[]> {
  return rows(
    build
      .select()
      .from(removedCredentials)
      .where(
        and(
          eq(removedCredentials.userId, about.userId),
          gte(removedCredentials.removedAt, about.since),
        ),
      ),
  );
}

/** Deletes kept content: everything of a person, only these rows, or only these kinds. */
export function deleteRemoved(about: {
  readonly userId: string;
  readonly ids?: readonly string[];
  readonly kinds?: readonly AccessKind[];
}): Statement<void> {
  const { userId, ids, kinds } = about;
  const ofKinds = build
    .select({ id: accessLedger.id })
    .from(accessLedger)
    .where(and(eq(accessLedger.userId, userId), inArray(accessLedger.kind, [...(kinds ?? [])])));
  return noRows(
    build
      .delete(removedCredentials)
      .where(
        and(
          eq(removedCredentials.userId, userId),
          ids && inArray(removedCredentials.id, [...ids]),
          kinds && inArray(removedCredentials.id, ofKinds),
        ),
      ),
  );
}

/** The next seals in the order of their keys, after a given key. */
export function selectRemovedSeals(page: {
  readonly behind: string | null;
  readonly limit: number;
}): Statement<readonly Pick<RemovedCredential, 'id' | 'sealedContent'>[]> {
  return rows(
    build
      .select({ id: removedCredentials.id, sealedContent: removedCredentials.sealedContent })
      .from(removedCredentials)
      .where(page.behind === null ? undefined : gt(removedCredentials.id, page.behind))
      .orderBy(asc(removedCredentials.id))
      .limit(page.limit),
  );
}

/** Replaces the seal of unchanged content. */
export function replaceRemovedSeal(seal: {
  readonly id: string;
  readonly fresh: Buffer;
}): Statement<boolean> {
  return hasRows(
    build
      .update(removedCredentials)
      .set({ sealedContent: seal.fresh })
      .where(eq(removedCredentials.id, seal.id)),
  );
}

/** Deletes rows of the ledger that no walk reads any more. */
export function purgeLedger(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -KEPT);
  const isExpired = lt(accessLedger.at, madeBefore);
  return purgePage({ table: accessLedger, key: accessLedger.id, madeBefore, isExpired }, page);
}

/** Deletes content that no undo can restore any more. */
export function purgeRemoved(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -UNDO_REACH);
  const { id: key, removedAt } = removedCredentials;
  const isExpired = lt(removedAt, madeBefore);
  return purgePage({ table: removedCredentials, key, madeBefore, isExpired }, page);
}
