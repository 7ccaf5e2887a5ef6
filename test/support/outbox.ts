import { sql } from 'drizzle-orm';
import { queryDatabase } from './query-database.ts';
import type { TestServer } from './server.ts';
import { until } from './until.ts';

/**
 * Waits until every mail that is due has left and none is under way, decoys aside. To be called before a fake clock
 * moves, wherever mails are counted: the lease of a mail under way would end, and the mail be sent again.
 */
export async function mailsSettled({ app }: TestServer): Promise<void> {
  const { clock, db } = app.deps;
  const now = clock.now().toISOString();
  const waiting = sql`select 1 from mail_outbox where queue <> 'decoy' and sent_at is null
    and dead_at is null and (attempts > 0 or next_attempt_at <= ${now}) limit 1`;
  await until(async () => (await queryDatabase(db, waiting)).length === 0);
}
