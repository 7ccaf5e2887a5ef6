import { integer, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * The counts of the rate limits. The key is a keyed hash, so neither an address nor an IP address can be read
 * from this table. Rows after `resets_at` have no meaning and are purged.
 */
export const rateLimitCounters = pgTable('rate_limit_counters', {
  key: bytea('key').primaryKey(),
  tries: integer('tries').notNull(),
  /**
   * Keyed hashes of the members seen, if the limit counts distinct members: one for each attempt that was
   * allowed.
   */
  members: text('members').array().notNull(),
  /** The result of the newest attempt: 0 rejected, 1 counted, 2 allowed as a known member. */
  verdict: smallint('verdict').notNull(),
  /** The next attempt is allowed from this time on. */
  opensAt: moment('opens_at').notNull(),
  resetsAt: moment('resets_at').notNull(),
});
