import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/**
 * What happened, append-only. No foreign key: an event outlives the person it speaks of, whose
 * traces are then anonymised.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    at: moment('at').notNull(),
    /** Who did it; null for a stranger or the system. */
    actorId: uuid('actor_id'),
    /** Whose account it touched; null when there is none. */
    userId: uuid('user_id'),
    sessionId: uuid('session_id'),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    /** Reason codes and ids. Never a secret, never an address. */
    detail: jsonb('detail').notNull().$type<Record<string, string | number | boolean>>(),
  },
  (table) => [index('audit_events_user_id_id_index').on(table.userId, table.id)],
);
