import { sql } from 'drizzle-orm';
import { firstRow, map, rows, type Statement } from '../db/statement.ts';
import { after, MINUTE } from '../kernel/duration.ts';

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

/** Mails that need an operator: they wait for too long, or were given up. Decoys are no mails. */
export type MailTrouble = {
  readonly kind: 'late' | 'dead';
  readonly mails: number;
  /** When the oldest of them was queued, or given up. */
  readonly since: Date;
  /** The newest reason: a code, never an address. */
  readonly reason: string | null;
};

/** A mail that waits for longer has failed at least once, or no process sends mails. */
const LATE = 5 * MINUTE;

/**
 * Reads what is wrong with the outbox. Both queries read only the indexes of pending and of dead mails, up to {@link COUNTED}.
 */
export function mailTroubles(now: Date): Statement<readonly MailTrouble[]> {
  const late = after(now, -LATE).toISOString();
  return rows(sql<MailTrouble>`
    select kind, count(*)::int as mails, min(since) as since,
      (array_agg(reason order by id desc) filter (where reason is not null))[1] as reason
    from (
      (select 'late' as kind, id, created_at as since, last_error as reason from mail_outbox
        where sent_at is null and dead_at is null and queue <> 'decoy'
          and greatest(created_at, case when attempts = 0 then next_attempt_at end) < ${late}::timestamptz
        limit ${COUNTED})
      union all
      (select 'dead', id, dead_at, last_error from mail_outbox
        where dead_at is not null and queue <> 'decoy' limit ${COUNTED})
    ) as troubled
    group by kind order by kind desc`);
}
