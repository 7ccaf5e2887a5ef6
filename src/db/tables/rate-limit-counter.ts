import { integer, pgTable, smallint, text } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * How often something was tried. The key is a keyed hash: neither an address nor an IP can be read
 * out of this table. Rows past `resets_at` mean nothing and are swept.
 */
export const rateLimitCounters = pgTable('rate_limit_counters', {
  key: bytea('key').primaryKey(),
  tries: integer('tries').notNull(),
  /** Keyed hashes of the members seen, where a budget counts those: one for each try let through. */
  members: text('members').array().notNull(),
  /** What became of the newest try: 0 refused, 1 counted, 2 let through as a known member. */
  verdict: smallint('verdict').notNull(),
  /** The next try is let through from here on. */
  opensAt: moment('opens_at').notNull(),
  resetsAt: moment('resets_at').notNull(),
});
