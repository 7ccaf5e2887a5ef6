import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
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
    /** Kept for a month alone (src/audit/event-type.ts). */
    routine: boolean('routine').notNull().default(false),
  },
  (table) => [
    index('audit_events_user_id_id_index').on(table.userId, table.id),
    // The purge reads the routine events that are over and none of those that are kept.
    index('audit_events_routine_index').on(table.id).where(sql`${table.routine}`),
  ],
);

/**
 * Deleted accounts some of whose events may still have to be taken out of the log (DR-5). The handful that most
 * people have is gone with the account; what others were writing about them at that moment is not.
 */
export const auditErasures = pgTable('audit_erasures', {
  userId: uuid('user_id').primaryKey(),
  /** The id of nobody that the events get in the place of the person's. */
  pseudonym: uuid('pseudonym').notNull(),
});
