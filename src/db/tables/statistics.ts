import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** What happened in one hour, counted from the audit log by the instance that holds the lease. */
export const statisticsHours = pgTable('statistics_hours', {
  /** The beginning of the hour. */
  hour: moment('hour').primaryKey(),
  registrations: integer('registrations').notNull().default(0),
  signIns: integer('sign_ins').notNull().default(0),
  failedSignIns: integer('failed_sign_ins').notNull().default(0),
  secondFactorFailures: integer('second_factor_failures').notNull().default(0),
  passwordResets: integer('password_resets').notNull().default(0),
});

/** The newest totals, and how far the audit log has been counted: one row, of the task that counts. */
export const statisticsTotals = pgTable('statistics_totals', {
  task: text('task').primaryKey(),
  /** Every event up to this id is in `statistics_hours` and `users.last_sign_in_at`; null before the first. */
  countedTo: uuid('counted_to'),
  /** When the totals were counted. */
  at: moment('at'),
  users: integer('users').notNull().default(0),
  verified: integer('verified').notNull().default(0),
  withSecondFactor: integer('with_second_factor').notNull().default(0),
  withPasskey: integer('with_passkey').notNull().default(0),
  disabled: integer('disabled').notNull().default(0),
  liveSessions: integer('live_sessions').notNull().default(0),
});

/** A row of `statistics_hours`. */
export type StatisticsHour = typeof statisticsHours.$inferSelect;

/** The row of `statistics_totals`. */
export type StatisticsTotals = typeof statisticsTotals.$inferSelect;
