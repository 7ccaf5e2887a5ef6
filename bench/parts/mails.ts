/**
 * O-22: measures how many mails a second one process delivers, by MAIL_CONCURRENCY and MAIL_RATE, to an SMTP
 * server that takes 10 ms for each of its answers; alone, and beside 20,000 decoys.
 *
 *   node bench/parts/mails.ts
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '../../src/config.ts';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { run } from '../../src/db/executor.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import type { Log } from '../../src/kernel/ports.ts';
import { createRandom } from '../../src/kernel/random.ts';
import { enqueueMail } from '../../src/mail/enqueue.ts';
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { startOutboxWorker } from '../../src/mail/worker.ts';
import { createSmtpSink } from '../../test/support/smtp-sink.ts';
import { startBenchPostgres } from '../lib/database.ts';

const SECONDS = 8;
const ROUNDS = [
  { concurrency: 8, rate: 80, decoys: 0 },
  { concurrency: 8, rate: 80, decoys: 20_000 },
  { concurrency: 16, rate: 200, decoys: 0 },
  { concurrency: 32, rate: 1_000, decoys: 0 },
] as const;

const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const postgres = await startBenchPostgres();
try {
  for (const [index, { decoys, ...throughput }] of ROUNDS.entries()) {
    const url = await postgres.create(`mails_${index}`);
    await migrateUp(url, { folder: MIGRATIONS_FOLDER, log });
    const db = createDatabase({ url, poolSize: 10, log });
    const random = createRandom();
    const sink = await createSmtpSink();
    sink.mode = { kind: 'slow', delay: 10 };
    const mailer = createSmtpMailer({
      url: sink.url,
      from: 'no-reply@example.com',
      connections: throughput.concurrency,
    });
    const deps = {
      ...{ db, log, random, mailer },
      clock: { now: () => new Date() },
      keyring: createKeyring([randomBytes(32)], random),
      config: { appName: 'Example', publicUrl: 'https://auth.example.com' } as Config,
    };
    const enqueue = (to: string, decoy: boolean) =>
      run(
        db,
        enqueueMail(deps, {
          to,
          decoy,
          message: {
            template: 'password-changed',
            at: new Date(),
            from: { ipAddress: null, userAgent: null },
          },
        }),
      );
    const mails = (SECONDS + 1) * throughput.rate;
    for (let n = 0; n < decoys; n += 100) {
      await Promise.all(Array.from({ length: 100 }, () => enqueue('decoy@example.com', true)));
    }
    for (let n = 0; n < mails; n += 20) {
      await Promise.all(Array.from({ length: 20 }, () => enqueue('mail@example.com', false)));
    }
    const worker = startOutboxWorker(deps, { throughput });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const before = sink.mails.length;
    await new Promise((resolve) => setTimeout(resolve, (SECONDS - 2) * 1_000));
    const rate = (sink.mails.length - before) / (SECONDS - 2);
    await worker.stop();
    mailer.close();
    await sink.stop();
    await closeDatabase(db);
    console.log(
      `MAIL_CONCURRENCY=${throughput.concurrency} MAIL_RATE=${throughput.rate}, ${decoys} decoys: ${rate.toFixed(1)} mails/s`,
    );
  }
} finally {
  await postgres.stop();
}
