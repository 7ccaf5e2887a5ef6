import { pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** The leases of background tasks: one row for each task, which one instance at a time runs (ADR-0019). */
export const leases = pgTable('leases', {
  task: text('task').primaryKey(),
  /** Until this time, no other instance may run the task. The holder extends it with each batch. */
  expiresAt: moment('expires_at').notNull(),
});
