import { and, asc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { preparedText } from '../db/prepared.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
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
export async function insertEntry(
  executor: Executor,
  entry: Omit<LedgerRow, 'position'>,
): Promise<LedgerRow> {
  const [row] = await executor.insert(accessLedger).values(entry).returning();
  if (!row) throw new Error('The ledger took no row.');
  return row;
}

/**
 * The credentials that a session used, as one JSON document, so that a sign-in sends one statement however many
 * there are.
 */
type Uses = { readonly sessionId: string; readonly uses: string; readonly at: string };

/**
 * Inserts what a session signed in or stepped up with. The user id comes from the session's own row: if the
 * insert of the session failed, nothing is written.
 */
export const insertUses = preparedText<Uses, unknown>(
  () => sql`
    insert into ${accessLedger} (id, user_id, session_id, act, kind, thing, at)
    select used.id, ${sessions.userId}, ${sessions.id}, 'used', used.kind, used.thing,
      ${sql.placeholder('at')}::timestamptz
    from ${sessions},
      json_to_recordset((${sql.placeholder('uses')}::text)::json)
        as used (id uuid, kind text, thing text)
    where ${sessions.id} = ${sql.placeholder('sessionId')}`,
);

/** Every row of an account, oldest first. */
export async function listEntries(executor: Executor, userId: string): Promise<LedgerRow[]> {
  return await executor
    .select()
    .from(accessLedger)
    .where(eq(accessLedger.userId, userId))
    .orderBy(asc(accessLedger.position));
}

/** Keeps the sealed content of a removed credential. */
export async function insertRemoved(executor: Executor, removed: RemovedCredential): Promise<void> {
  await executor.insert(removedCredentials).values(removed);
}

/** What is still kept of these removals. */
export async function listRemoved(
  executor: Executor,
  about: { readonly userId: string; readonly since: Date },
): Promise<RemovedCredential[]> {
  return await executor
    .select()
    .from(removedCredentials)
    .where(
      and(
        eq(removedCredentials.userId, about.userId),
        gte(removedCredentials.removedAt, about.since),
      ),
    );
}

/** Deletes kept content: everything of a person, only these rows, or only these kinds. */
export async function deleteRemoved(
  executor: Executor,
  about: {
    readonly userId: string;
    readonly ids?: readonly string[];
    readonly kinds?: readonly AccessKind[];
  },
): Promise<void> {
  const { userId, ids, kinds } = about;
  const ofKinds = executor
    .select({ id: accessLedger.id })
    .from(accessLedger)
    .where(and(eq(accessLedger.userId, userId), inArray(accessLedger.kind, [...(kinds ?? [])])));
  await executor
    .delete(removedCredentials)
    .where(
      and(
        eq(removedCredentials.userId, userId),
        ids && inArray(removedCredentials.id, [...ids]),
        kinds && inArray(removedCredentials.id, ofKinds),
      ),
    );
}

/** The next seals in the order of their keys, after a given key. */
export async function selectRemovedSeals(
  executor: Executor,
  page: { readonly behind: string | null; readonly limit: number },
): Promise<Pick<RemovedCredential, 'id' | 'sealedContent'>[]> {
  return await executor
    .select({ id: removedCredentials.id, sealedContent: removedCredentials.sealedContent })
    .from(removedCredentials)
    .where(page.behind === null ? undefined : gt(removedCredentials.id, page.behind))
    .orderBy(asc(removedCredentials.id))
    .limit(page.limit);
}

/** Replaces the seal of unchanged content. */
export async function replaceRemovedSeal(
  executor: Executor,
  seal: { readonly id: string; readonly fresh: Buffer },
): Promise<boolean> {
  const replaced = await executor
    .update(removedCredentials)
    .set({ sealedContent: seal.fresh })
    .where(eq(removedCredentials.id, seal.id))
    .returning({ id: removedCredentials.id });
  return replaced.length === 1;
}

/** Deletes rows of the ledger that no walk reads any more. */
export function purgeLedger(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const madeBefore = after(page.now, -KEPT);
  const isOver = lt(accessLedger.at, madeBefore);
  return purgePage(
    executor,
    { table: accessLedger, key: accessLedger.id, madeBefore, isOver },
    page,
  );
}

/** Deletes content that no undo can restore any more. */
export function purgeRemoved(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const madeBefore = after(page.now, -UNDO_REACH);
  const { id: key, removedAt } = removedCredentials;
  const isOver = lt(removedAt, madeBefore);
  return purgePage(executor, { table: removedCredentials, key, madeBefore, isOver }, page);
}
