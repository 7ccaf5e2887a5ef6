import { and, asc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import type { PurgedPage, PurgePage } from '../db/purge-page.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { auditErasures, auditEvents } from '../db/tables/audit-event.ts';
import { after, MINUTE } from '../kernel/duration.ts';
import { firstIdAt } from '../kernel/id.ts';
import { EVENT_TYPES, type EventType } from './event-type.ts';

/** An event as the person it concerns sees it. */
export type SecurityEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly at: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/**
 * A person's own events, newest first. A row of a type this release does not know is left out: its
 * enum has no value for it.
 *
 * @param page.before the id the page starts after
 */
export async function listSecurityEvents(
  executor: Executor,
  page: { readonly userId: string; readonly before: string | null; readonly limit: number },
): Promise<SecurityEvent[]> {
  // The planner does not learn who it is. Knowing it, it may expect a single row, and then sorts all of the
  // person's rows from several partitions rather than merge them in their order (DR-7).
  const person = sql`(select ${page.userId}::uuid)`;
  const { where, orderBy } = rowsOfPerson(auditEvents, person, page.before);
  // Months that are later than that are not looked into.
  const isEarlier = page.before === null ? undefined : lt(auditEvents.id, page.before);
  const rows = await executor
    .select({
      id: auditEvents.id,
      type: auditEvents.type,
      at: auditEvents.at,
      ipAddress: auditEvents.ipAddress,
      userAgent: auditEvents.userAgent,
    })
    .from(auditEvents)
    .where(and(where, isEarlier, inArray(auditEvents.type, Object.keys(EVENT_TYPES))))
    .orderBy(...orderBy)
    .limit(page.limit);
  return rows.flatMap((row) => (isEventType(row.type) ? [{ ...row, type: row.type }] : []));
}

/**
 * Takes a person who is gone out of so many of their events: where they came from is forgotten, and a
 * new id that belongs to nobody keeps what happened to one account together. Nothing happens while
 * the person is still there: the function is the tables' owner's, since the server may only append
 * (LO-4).
 *
 * @returns how many events it changed: fewer than `limit` when there are no more
 */
async function anonymiseEvents(
  executor: Executor,
  erasure: typeof auditErasures.$inferSelect,
  limit: number,
): Promise<number> {
  const { userId, pseudonym } = erasure;
  const [row] = await executor.execute<{ changed: number }>(
    sql`select anonymise_events(${userId}::uuid, ${pseudonym}::uuid, ${limit}::int) as changed`,
  );
  return row?.changed ?? 0;
}

/** Events of a deleted account that are anonymized with the deletion; more are left to the purge. */
const ERASED_AT_ONCE = 500;

/**
 * Operations that had read the person before the deletion committed have written what they came to by then: a
 * failed sign-in takes no lock on the person it failed for (LG-2).
 */
const LAST_EVENT = MINUTE;

/**
 * Takes a deleted person out of the log (DR-5). A million events would outlast the time that an operation
 * has, and the account could never be deleted: what is beyond the first ones is done in batches
 * after the deletion has committed, and so is what others still write meanwhile.
 */
export async function eraseFromEvents(
  tx: Executor,
  erasure: typeof auditErasures.$inferSelect,
): Promise<void> {
  await anonymiseEvents(tx, erasure, ERASED_AT_ONCE);
  await tx.insert(auditErasures).values(erasure);
}

/**
 * Goes on with one deleted account by one batch. Of several, in the order of their ids. The pseudonym is as old
 * as the deletion, and tells when nobody writes about the person any more.
 */
export async function purgeErasures(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { userId } = auditErasures;
  if (page.isDryRun) {
    const waiting = await executor.select().from(auditErasures);
    return { seen: 0, removed: waiting.length, last: null };
  }
  const [erasure] = await executor
    .select()
    .from(auditErasures)
    .where(page.behind === null ? undefined : gt(userId, page.behind))
    .orderBy(asc(userId))
    .limit(1);
  if (!erasure) return { seen: 0, removed: 0, last: null };
  const changed = await anonymiseEvents(executor, erasure, page.limit);
  // The next batch begins with the same account, as long as there may be more of it.
  if (changed >= page.limit) return { seen: page.limit, removed: 0, last: page.behind };
  const isLast = erasure.pseudonym < firstIdAt(after(page.now, -LAST_EVENT));
  if (isLast) await executor.delete(auditErasures).where(eq(userId, erasure.userId));
  return { seen: page.limit, removed: isLast ? 1 : 0, last: erasure.userId };
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_TYPES, type);
}
