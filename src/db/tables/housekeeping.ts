import { pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** Whose turn a task of the background is: one row a task, decided in a WHERE (ADR-0019). */
export const housekeeping = pgTable('housekeeping', {
  task: text('task').primaryKey(),
  /** Nobody else begins before. Moved on with every batch, it is the lease of whoever is at it. */
  nextAt: moment('next_at').notNull(),
});
