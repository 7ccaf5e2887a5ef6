import { until } from '../../support/until.ts';
import type { Stage } from './stage.ts';

const PATIENCE = 30_000;

/** The codes mailed to an address, newest first, once its newest mail was sent. */
export async function codesFor({ sql, sink }: Stage, email: string): Promise<readonly string[]> {
  const codes = () =>
    sink.mails
      .filter(({ to }) => to.includes(email))
      .map(({ data }) => /\b(\d{4}) ?(\d{4})\b/.exec(data)?.slice(1).join(''))
      .filter((code) => code !== undefined)
      .toReversed();
  await until(async () => {
    const [newest] = await sql<{ sent: boolean }[]>`
      select sent_at is not null as sent from mail_outbox
      where recipient = ${email} order by id desc limit 1`;
    return newest?.sent && codes().length > 0;
  }, PATIENCE);
  return codes();
}

/** Ends the leases of workers that were killed, and waits until nothing is on its way. */
export async function finishMails({ sql }: Stage): Promise<void> {
  await sql`update mail_outbox set next_attempt_at = now() where sent_at is null and dead_at is null`;
  await until(async () => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from mail_outbox where sent_at is null and dead_at is null`;
    return row?.waiting === 0;
  }, PATIENCE);
}

/** How often the same mail arrived, at most. */
export function mostCopies({ sink }: Stage): number {
  const copies = new Map<string, number>();
  for (const { data } of sink.mails) {
    const id = /^message-id:\s*(\S+)/im.exec(data)?.[1] ?? '';
    copies.set(id, (copies.get(id) ?? 0) + 1);
  }
  return Math.max(0, ...copies.values());
}
