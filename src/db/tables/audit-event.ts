import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/**
 * The audit log; append-only. There is no foreign key, because an event outlives the person it is about. The
 * deletion of the account anonymizes the person's events.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    at: moment('at').notNull(),
    /** The person who acted. Null for a stranger or the system. */
    actorId: uuid('actor_id'),
    /** The person whose account is affected. Null if no account is. */
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    /** Reason codes and ids. Never a secret, never an address. */
    detail: jsonb('detail').notNull().$type<Record<string, string | number | boolean>>(),
    /** True if the event is kept for only a month (src/audit/event-type.ts). */
    routine: boolean('routine').notNull().default(false),
  },
  (table) => [
    index('audit_events_user_id_id_index').on(table.userId, table.id),
    // The filters of the administrators' list (AD-7). Who acts on their own account is found by `user_id`.
    index('audit_events_type_id_index').on(table.type, table.id),
    index('audit_events_ip_address_id_index')
      .on(table.ipAddress, table.id)
      .where(sql`${table.ipAddress} is not null`),
    index('audit_events_actor_id_id_index')
      .on(table.actorId, table.id)
      .where(sql`${table.actorId} is distinct from ${table.userId}`),
    // The purge reads expired routine events through this index and skips all other events.
    index('audit_events_routine_index').on(table.id).where(sql`${table.routine}`),
  ],
);

/**
 * Deleted accounts whose events may still have to be anonymized (DR-5). The deletion itself anonymizes the
 * few events that most people have. It cannot reach events that other transactions are writing at the same
 * moment.
 */
export const auditErasures = pgTable('audit_erasures', {
  userId: uuid('user_id').primaryKey(),
  /** The random id that replaces the person's id in the events. It belongs to nobody. */
  pseudonym: uuid('pseudonym').notNull(),
});
