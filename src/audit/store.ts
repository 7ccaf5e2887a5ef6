import { and, desc, eq, getTableName, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type PersonKey, preparedByPerson } from '../db/person-key.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import { after } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import { EVENT_TYPES, type EventType } from './event-type.ts';

/** An event as the person it concerns sees it. */
export type SecurityEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly at: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

/** Sign-ins that are looked at to tell a new device from a known one. */
const REMEMBERED_SIGN_INS = 200;

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
  const rows = await executor
    .select({
      id: auditEvents.id,
      type: auditEvents.type,
      at: auditEvents.at,
      ipAddress: auditEvents.ipAddress,
      userAgent: auditEvents.userAgent,
    })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.userId, page.userId),
        inArray(auditEvents.type, Object.keys(EVENT_TYPES)),
        page.before === null ? undefined : lt(auditEvents.id, page.before),
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(page.limit);
  return rows.flatMap((row) => (isEventType(row.type) ? [{ ...row, type: row.type }] : []));
}

/** How often a sign-in to this account was refused since the last that was not. */
export async function countFailuresSinceSignIn(
  executor: Executor,
  userId: string | PersonKey,
): Promise<number> {
  const [row] = await countFailures(executor, userId);
  return row?.failures ?? 0;
}

const countFailures = preparedByPerson((executor, userId) => {
  const ofUser = (type: EventType) =>
    and(eq(auditEvents.userId, userId), eq(auditEvents.type, type));
  const lastSignIn = executor
    .select({ at: sql`coalesce(max(${auditEvents.at}), '-infinity')` })
    .from(auditEvents)
    .where(ofUser('SIGNED_IN'));
  return executor
    .select({ failures: sql<number>`count(*)::int` })
    .from(auditEvents)
    .where(and(ofUser('SIGN_IN_FAILED'), sql`${auditEvents.at} > ${lastSignIn}`))
    .prepare('count_failures');
});

/** Where wrong second factors after a right password came from, since a moment. */
export async function listSecondFactorFailures(
  executor: Executor,
  about: { readonly userId: string; readonly since: Date },
): Promise<readonly Pick<Client, 'ipAddress' | 'userAgent'>[]> {
  const type: EventType = 'SECOND_FACTOR_FAILED';
  return await executor
    .select({ ipAddress: auditEvents.ipAddress, userAgent: auditEvents.userAgent })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.userId, about.userId),
        eq(auditEvents.type, type),
        gt(auditEvents.at, about.since),
        sql`${auditEvents.detail}->>'firstFactor' = 'pwd'`,
      ),
    );
}

/** Where a person's last sign-ins came from, each place once. */
export function listSignInOrigins(
  executor: Executor,
  userId: string | PersonKey,
): Promise<readonly Pick<Client, 'ipAddress' | 'userAgent'>[]> {
  return listOrigins(executor, userId);
}

const listOrigins = preparedByPerson((executor, userId) => {
  const last = executor
    .select({ ipAddress: auditEvents.ipAddress, userAgent: auditEvents.userAgent })
    .from(auditEvents)
    .where(and(eq(auditEvents.userId, userId), eq(auditEvents.type, 'SIGNED_IN')))
    .orderBy(desc(auditEvents.id))
    .limit(REMEMBERED_SIGN_INS)
    .as('last');
  return executor
    .select({ ipAddress: last.ipAddress, userAgent: last.userAgent })
    .from(last)
    .groupBy(last.ipAddress, last.userAgent)
    .prepare('list_sign_in_origins');
});

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
