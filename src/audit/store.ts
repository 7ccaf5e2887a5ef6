import { and, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { build, firstRow, map, noRows, rows, type Statement } from '../db/statement.ts';
import { auditErasures, auditEvents } from '../db/tables/audit-event.ts';
import { MINUTE } from '../kernel/duration.ts';
import { EVENT_TYPES, type EventType } from './event-type.ts';

/** An event as it is shown to the person it concerns. */
export type SecurityEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly at: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/**
 * A person's own events, newest first. A row of a type that this release does not know is left out, because the
 * enum has no value for it.
 *
 * @param page.before the id after which the page starts
 */
export function listSecurityEvents(page: {
  readonly userId: string;
  readonly before: string | null;
  readonly limit: number;
}): Statement<readonly SecurityEvent[]> {
  // The user id is hidden from the planner. If the planner knew it, it might expect a single row and then sort
  // all of the person's rows from several partitions instead of merging them in order (DR-7).
  const person = sql`(select ${page.userId}::uuid)`;
  const { where, orderBy } = rowsOfPerson(auditEvents, person, page.before);
  // Partitions of later months are not read.
  const isEarlier = page.before === null ? undefined : lt(auditEvents.id, page.before);
  const events = build
    .select({
      id: auditEvents.id,
      type: auditEvents.type,
      at: auditEvents.at,
      ipAddress: ofOwnRequest(auditEvents.ipAddress),
      userAgent: ofOwnRequest(auditEvents.userAgent),
    })
    .from(auditEvents)
    .where(and(where, isEarlier, inArray(auditEvents.type, Object.keys(EVENT_TYPES))))
    .orderBy(...orderBy)
    .limit(page.limit);
  return map(rows(events), (found) =>
    found.flatMap((row) => (isEventType(row.type) ? [{ ...row, type: row.type }] : [])),
  );
}

/** The origin of an administrator's request is not for the person to see (AD-6). */
function ofOwnRequest(origin: PgColumn): SQL<string | null> {
  return sql<string | null>`case when ${auditEvents.detail} ? 'by' then null else ${origin} end`;
}

/**
 * Removes a deleted person from a batch of events: those about the person, and those of what the person did to others.
 * A new id that belongs to nobody keeps the events of one account together, and the origin of the person's requests is
 * erased. What an administrator did to the person keeps its actor, origin and reason: otherwise whoever deletes an
 * account would cover their own tracks (AD-6). Nothing happens while the person still exists.
 * The function belongs to the tables' owner, because the server's role may only append (LO-4).
 *
 * @returns the number of changed events: fewer than `limit` if there are no more
 */
export function anonymiseEvents(
  erasure: typeof auditErasures.$inferSelect,
  limit: number,
): Statement<number> {
  const { userId, pseudonym } = erasure;
  const erase = sql<{ changed: number }>`
    select anonymise_events(${userId}::uuid, ${pseudonym}::uuid, ${limit}::int) as changed`;
  return map(firstRow(erase), (row) => row?.changed ?? 0);
}

/**
 * The number of events of a deleted account that are anonymized with the deletion. The rest is left to the
 * purge.
 */
const ERASED_AT_ONCE = 500;

/**
 * How long an operation may take to record an event under an older id. Operations that had read the person before
 * the deletion committed have recorded their outcome by then: a failed sign-in takes no lock on the person (LG-2).
 */
export const LAST_EVENT = MINUTE;

/**
 * Removes a deleted person from the log (DR-5). Anonymizing a million events would take longer than an
 * operation may run, and the account could never be deleted. Events beyond the first batch, and events that are
 * still written meanwhile, are anonymized in batches after the deletion has committed.
 */
export function eraseFromEvents(
  erasure: typeof auditErasures.$inferSelect,
): readonly Statement<unknown>[] {
  return [
    anonymiseEvents(erasure, ERASED_AT_ONCE),
    noRows(build.insert(auditErasures).values(erasure)),
  ];
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_TYPES, type);
}
