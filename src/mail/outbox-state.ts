import { sql } from 'drizzle-orm';
import { firstRow, map, type Statement } from '../db/statement.ts';

/** How many mails wait, and for how long the oldest one has been due. */
export type OutboxState = { readonly waiting: number; readonly oldestDueSeconds: number };

/** Waiting mails are counted up to this number, beyond which an operator needs no exact one. */
const COUNTED = 10_000;

/**
 * Reads the state of the outbox, without decoys, which are no mails. Both queries read only the index
 * of pending mails.
 */
export function outboxState(now: Date): Statement<OutboxState> {
  const oldest = (queue: string) => sql`(
    select min(next_attempt_at) from mail_outbox
    where sent_at is null and dead_at is null and queue = ${queue})`;
  const state = sql<OutboxState>`
    select
      (select count(*)::integer from (
        select from mail_outbox
        where sent_at is null and dead_at is null and queue <> 'decoy'
        limit ${COUNTED}) as pending) as waiting,
      greatest(0, coalesce(extract(epoch from ${now.toISOString()}::timestamptz
        - least(${oldest('owner')}, ${oldest('anybody')})), 0))::float8 as "oldestDueSeconds"`;
  return map(firstRow(state), (row) => row ?? { waiting: 0, oldestDueSeconds: 0 });
}
