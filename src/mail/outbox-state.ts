import { sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';

/** How many mails wait, and for how long the oldest one has been due. */
export type OutboxState = { readonly waiting: number; readonly oldestDueSeconds: number };

/** Waiting mails are counted up to this number, beyond which an operator needs no exact one. */
const COUNTED = 10_000;

/**
 * Reads the state of the outbox, without decoys, which are no mails. Both queries read only the index
 * of pending mails.
 */
export async function outboxState(executor: Executor, now: Date): Promise<OutboxState> {
  const oldest = (queue: string) => sql`(
    select min(next_attempt_at) from mail_outbox
    where sent_at is null and dead_at is null and queue = ${queue})`;
  const [row] = await executor.execute<OutboxState>(sql`
    select
      (select count(*)::integer from (
        select from mail_outbox
        where sent_at is null and dead_at is null and queue <> 'decoy'
        limit ${COUNTED}) as pending) as waiting,
      greatest(0, coalesce(extract(epoch from ${now.toISOString()}::timestamptz
        - least(${oldest('owner')}, ${oldest('anybody')})), 0))::float8 as "oldestDueSeconds"`);
  return row ?? { waiting: 0, oldestDueSeconds: 0 };
}
