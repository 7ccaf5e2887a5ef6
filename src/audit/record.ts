import type { Executor } from '../db/client.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import type { EventType } from './event-type.ts';

/** One act. `detail` holds reason codes and ids: never a secret, never an address. */
export type AuditEvent = {
  readonly type: EventType;
  /** Whose account it touched. */
  readonly userId: string | null;
  /** Who did it, when that is not the person themself. */
  readonly actorId?: string | null;
  readonly sessionId?: string | null;
  /** Where it came from; null for the system and its operator. */
  readonly client: Client | null;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
};

/** Appends one row, in the transaction of the act it speaks of (LO-1). */
export async function recordAudit(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  event: AuditEvent,
): Promise<void> {
  await executor.insert(auditEvents).values({
    id: newId(deps),
    type: event.type,
    at: deps.clock.now(),
    actorId: event.actorId === undefined ? event.userId : event.actorId,
    userId: event.userId,
    sessionId: event.sessionId ?? null,
    ipAddress: event.client?.ipAddress ?? null,
    userAgent: event.client?.userAgent ?? null,
    requestId: event.client?.requestId ?? null,
    detail: event.detail ?? {},
  });
}
