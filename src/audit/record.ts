import { type SQL, sql } from 'drizzle-orm';
import { hotStatement, noRows, type Statement } from '../db/statement.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import type { Deps } from '../deps.ts';
import type { Act } from '../kernel/act.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { type AuditType, isRoutine } from './event-type.ts';

/** One act. `detail` holds reason codes and ids, never a secret or an address. */
export type AuditEvent = {
  readonly type: AuditType;
  /** The account that the act concerns. */
  readonly userId: string | null;
  /** The person who acted, if it was not the account's owner. */
  readonly actorId?: string | null;
  readonly sessionId?: string | null;
  /** The origin of the request; null for the system and its operator. */
  readonly client: Client | null;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/**
 * Appends one row. Run the statement in the transaction of the act that it records (LO-1). If somebody else than the
 * account's owner acts, the row names the actor, the reason and the origin of the actor's request (AD-6).
 */
export function recordAudit(
  deps: Pick<Deps, 'clock' | 'random' | 'act'>,
  event: AuditEvent,
): Statement<void> {
  return noRows(insertEvent(rowOf(deps, event)));
}

function actedOn(event: AuditEvent, { actor, client }: Act): AuditEvent {
  return { ...event, actorId: actor.kind === 'operator' ? null : actor.id, client };
}

/** An administrator's address stays out of the row: the id leads to the address of today (DR-5). */
function detailOf({ actor, reason }: Act): NonNullable<AuditEvent['detail']> {
  return {
    by: actor.kind,
    ...(actor.kind === 'operator' && { operator: actor.name }),
    ...(actor.kind === 'token' && { token: actor.name }),
    ...(reason !== undefined && { reason }),
  };
}

/** Appends one row for each of these people: one act on all of them (AD-6). */
export function recordAuditOfEach(
  deps: Pick<Deps, 'clock' | 'random'> & { readonly act: Act },
  event: Pick<AuditEvent, 'type' | 'detail'>,
  userIds: readonly string[],
): Statement<void> {
  const row = rowOf(deps, actedOn({ ...event, userId: null, client: null }, deps.act));
  const detail = JSON.stringify({ ...event.detail, ...detailOf(deps.act) });
  const ids = userIds.map(() => newId(deps));
  return noRows(sql`
    insert into ${auditEvents} (id, type, at, actor_id, user_id, ip_address, user_agent, request_id, detail,
      routine)
    select event.id, ${row.type}, ${row.at.toISOString()}::timestamptz, ${row.actorId}::uuid, event.user_id,
      ${row.ipAddress}::text, ${row.userAgent}::text, ${row.requestId}::text, ${detail}::jsonb, ${row.routine}::boolean
    from unnest(${sql.param(ids)}::uuid[], ${sql.param([...userIds])}::uuid[]) as event (id, user_id)`);
}

/** The same for an act that its transaction may not have done: appends the row if the condition holds. */
export function recordAuditWhere(
  deps: Pick<Deps, 'clock' | 'random' | 'act'>,
  event: Omit<AuditEvent, 'sessionId' | 'detail'>,
  condition: SQL,
): Statement<void> {
  const row = rowOf(deps, event);
  return noRows(insertWhere((name) => sql`${row[name]}`, condition));
}

type Row = Omit<typeof auditEvents.$inferSelect, 'detail'> & { readonly detail: string };

function rowOf(deps: Pick<Deps, 'clock' | 'random' | 'act'>, recorded: AuditEvent): Row {
  const event = deps.act ? actedOn(recorded, deps.act) : recorded;
  const at = deps.clock.now();
  return {
    // The list of administrators is ordered and bounded by ids, so the id must not be older than the event.
    id: newId({ clock: { now: () => at }, random: deps.random }),
    type: event.type,
    at,
    actorId: event.actorId === undefined ? event.userId : event.actorId,
    userId: event.userId,
    sessionId: event.sessionId ?? null,
    ipAddress: event.client?.ipAddress ?? null,
    userAgent: event.client?.userAgent ?? null,
    requestId: event.client?.requestId ?? null,
    detail: JSON.stringify({ ...event.detail, ...(deps.act && detailOf(deps.act)) }),
    // Acts of administrators and operators are kept for AUDIT_RETENTION, whatever their type.
    routine: isRoutine(event.type) && !deps.act,
  };
}

const insertEvent = hotStatement<Row, never>((value) =>
  insertWhere((name) => sql`${value(name)}`, sql`true`),
);

function insertWhere(value: (name: keyof Row) => SQL, condition: SQL): SQL {
  return sql`
    insert into ${auditEvents} (id, type, at, actor_id, user_id, session_id, ip_address, user_agent,
      request_id, detail, routine)
    select ${value('id')}::uuid, ${value('type')}::text, ${value('at')}::timestamptz,
      ${value('actorId')}::uuid, ${value('userId')}::uuid, ${value('sessionId')}::uuid,
      ${value('ipAddress')}::text, ${value('userAgent')}::text, ${value('requestId')}::text,
      ${value('detail')}::jsonb, ${value('routine')}::boolean
    where ${condition}`;
}
