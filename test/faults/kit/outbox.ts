import { randomBytes } from 'node:crypto';
import { closeDatabase, createDatabase } from '../../../src/db/driver/client.ts';
import { run } from '../../../src/db/executor.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { enqueueMail } from '../../../src/mail/enqueue.ts';
import { SILENT } from '../../support/silent-log.ts';
import type { SmtpSink } from '../../support/smtp-sink.ts';
import type { Stage } from './stage.ts';

/** The root secret of a stage whose outbox is written from outside. */
export const SECRET = randomBytes(32);

const AT_ONCE = 10;

/** Puts so many mails into a stage's outbox, the first one first, as the server would. */
export async function fillOutbox({ databaseUrl }: Stage, count: number): Promise<void> {
  const random = { bytes: (length: number) => randomBytes(length) };
  const clock = { now: () => new Date() };
  const deps = { clock, random, keyring: createKeyring([SECRET], random) };
  const db = createDatabase({ url: databaseUrl, poolSize: AT_ONCE, log: SILENT });
  try {
    for (let first = 0; first < count; first += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) =>
        run(
          db,
          enqueueMail(deps, {
            to: `backlog-${first + index}@bench.example`,
            message: { template: 'backup-codes-low', remaining: 3 },
          }),
        ),
      );
      await Promise.all(batch);
    }
  } finally {
    await closeDatabase(db);
  }
}

/** Mails that are still to be sent. */
export async function waitingMails({ sql }: Stage): Promise<number> {
  const [row] = await sql`
    select count(*)::int as n from mail_outbox where sent_at is null and dead_at is null`;
  return Number(row?.['n']);
}

/** Copies beyond the first of each mail, and the most copies of one, recognized by Message-ID. */
export function copies({ mails }: SmtpSink): { readonly extra: number; readonly most: number } {
  const counts = new Map<string, number>();
  for (const { data } of mails) {
    const id = /^Message-ID: (.*?)\r?$/m.exec(data)?.[1] ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return { extra: mails.length - counts.size, most: Math.max(0, ...counts.values()) };
}
