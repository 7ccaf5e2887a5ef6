import { type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { prepared } from '../db/prepared.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { type EventType, isRoutine } from './event-type.ts';

/** One act. `detail` holds reason codes and ids, never a secret or an address. */
export type AuditEvent = {
  readonly type: EventType;
  /** The account that the act concerns. */
  readonly userId: string | null;
  /** The person who acted, if it was not the account's owner. */
  readonly actorId?: string | null;
  readonly sessionId?: string | null;
  /** The origin of the request; null for the system and its operator. */
  readonly client: Client | null;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/** Appends one row, in the transaction of the act (LO-1). An act of a command names the operator who ran it. */
export async function recordAudit(
  deps: Pick<Deps, 'clock' | 'random' | 'operator'>,
  executor: Executor,
  event: AuditEvent,
): Promise<void> {
  await insertEvent(executor, {
    id: newId(deps),
    type: event.type,
    at: deps.clock.now(),
    actorId: event.actorId === undefined ? event.userId : event.actorId,
    userId: event.userId,
    sessionId: event.sessionId ?? null,
    ipAddress: event.client?.ipAddress ?? null,
    userAgent: event.client?.userAgent ?? null,
    requestId: event.client?.requestId ?? null,
    detail: {
      ...event.detail,
      ...(deps.operator !== undefined && { by: 'operator', operator: deps.operator }),
    },
    routine: isRoutine(event.type),
  });
}

const insertEvent = prepared<typeof auditEvents.$inferSelect>()((executor) => {
  const given = (name: keyof typeof auditEvents.$inferSelect) => sql.placeholder(name);
  return executor
    .insert(auditEvents)
    .values({
      id: given('id'),
      type: given('type'),
      at: given('at'),
      actorId: given('actorId'),
      userId: given('userId'),
      sessionId: given('sessionId'),
      ipAddress: given('ipAddress'),
      userAgent: given('userAgent'),
      requestId: given('requestId'),
      detail: given('detail'),
      routine: given('routine'),
    })
    .prepare('record_audit');
});

/** Appends one row if the transaction itself decides that the act was done. */
export async function recordAuditWhere(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  event: Omit<AuditEvent, 'sessionId' | 'detail'>,
  condition: SQL,
): Promise<void> {
  const { type, userId, client } = event;
  const actorId = event.actorId === undefined ? userId : event.actorId;
  const columns = ['id', 'type', 'at', 'actorId', 'userId', 'ipAddress', 'userAgent'] as const;
  const names = [...columns, 'requestId', 'detail', 'routine'] as const;
  const list = names.map((name) => sql.identifier(auditEvents[name].name));
  await executor.execute(sql`
    insert into ${auditEvents} (${sql.join(list, sql`, `)})
    select ${newId(deps)}::uuid, ${type}, ${deps.clock.now().toISOString()}::timestamptz,
      ${actorId}::uuid, ${userId}::uuid, ${client?.ipAddress ?? null}, ${client?.userAgent ?? null},
      ${client?.requestId ?? null}, '{}'::jsonb, ${isRoutine(type)}
    where ${condition}`);
}
