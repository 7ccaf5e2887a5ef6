import { and, getTableName, inArray, lt, sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import { after } from '../kernel/duration.ts';
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
  const { where, orderBy } = rowsOfPerson(auditEvents, page.userId, page.before);
  const rows = await executor
    .select({
      id: auditEvents.id,
      type: auditEvents.type,
      at: auditEvents.at,
      ipAddress: auditEvents.ipAddress,
      userAgent: auditEvents.userAgent,
    })
    .from(auditEvents)
    .where(and(where, inArray(auditEvents.type, Object.keys(EVENT_TYPES))))
    .orderBy(...orderBy)
    .limit(page.limit);
  return rows.flatMap((row) => (isEventType(row.type) ? [{ ...row, type: row.type }] : []));
}

/**
 * Takes a person who is gone out of their events: where they came from is forgotten, and a new id that
 * belongs to nobody keeps what happened to one account together. Nothing happens while the person is
 * still there: the function is the tables' owner's, since the server may only append (LO-4).
 */
export async function anonymiseEvents(
  executor: Executor,
  change: { readonly userId: string; readonly pseudonym: string },
): Promise<void> {
  const { userId, pseudonym } = change;
  await executor.execute(sql`select anonymise_events(${userId}::uuid, ${pseudonym}::uuid)`);
}

/**
 * Removes events older than their retention (DR-6), where the database lets this role: the server's
 * own should not be able to (LO-4), and leaves them to `latchkey purge` as the tables' owner.
 */
export async function purgeEvents(
  executor: Executor,
  page: PurgePage & { readonly retention: number },
): Promise<PurgedPage> {
  const [may] = await executor.execute<{ remove: boolean }>(
    sql`select has_table_privilege(${getTableName(auditEvents)}, 'delete') as remove`,
  );
  if (!may?.remove) return { seen: 0, removed: 0, last: null };
  const madeBefore = after(page.now, -page.retention);
  const isOver = lt(auditEvents.at, madeBefore);
  return await purgePage(
    executor,
    { table: auditEvents, key: auditEvents.id, madeBefore, isOver },
    page,
  );
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_TYPES, type);
}
