import { randomBytes } from 'node:crypto';
import { asc } from 'drizzle-orm';
import type { Config } from '../../src/config.ts';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { build } from '../../src/db/statement.ts';
import { mailOutbox, type OutboxRow } from '../../src/db/tables/outbox.ts';
import { after } from '../../src/kernel/duration.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { Clock, Log, Mail, Mailer, Random } from '../../src/kernel/ports.ts';
import type { DeliveryDeps } from '../../src/mail/deliver.ts';
import type { MailMessage } from '../../src/mail/messages.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';

/** A mailer whose next sends a test decides. */
type FakeMailer = Mailer & {
  readonly sent: Mail[];
  /** Runs before a mail counts as sent; what it throws is the failure. */
  before: (mail: Mail) => unknown;
};

/** An outbox on a database of its own, with a clock that only a test moves unless it brings one. */
export type TestOutbox = {
  readonly deps: DeliveryDeps & { readonly db: Database };
  readonly mailer: FakeMailer;
  readonly logged: string[];
  readonly random: Random;
  advance(milliseconds: number): void;
  rows(): Promise<OutboxRow[]>;
  close(): Promise<void>;
};

export async function createTestOutbox(
  options: { readonly clock?: Clock } = {},
): Promise<TestOutbox> {
  const database = await createTestDatabase();
  const logged: string[] = [];
  const write = (fields: object, message: string) =>
    void logged.push(`${message} ${JSON.stringify(fields, errorsToo)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const db = createDatabase({ url: database.url, poolSize: 10, log });
  const random: Random = { bytes: randomBytes };
  const mailer: FakeMailer = {
    sent: [],
    before: () => undefined,
    async send(mail) {
      await mailer.before(mail);
      mailer.sent.push(mail);
    },
    close: () => undefined,
  };
  let now = new Date('2026-02-03T04:05:06.789Z');
  return {
    deps: {
      db,
      log,
      random,
      mailer,
      clock: options.clock ?? { now: () => now },
      keyring: createKeyring([randomBytes(32)], random),
      config: { appName: 'Example', publicUrl: 'https://auth.example.com' } as Config,
    },
    mailer,
    logged,
    random,
    advance: (milliseconds) => {
      now = after(now, milliseconds);
    },
    rows: () => queryDatabase(db, build.select().from(mailOutbox).orderBy(asc(mailOutbox.id))),
    async close() {
      await closeDatabase(db);
      await database.drop();
    },
  };
}

/** A notice without a secret. */
export function notice(remaining = 3): MailMessage {
  return { template: 'backup-codes-low', remaining };
}

function errorsToo(_: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value;
}
