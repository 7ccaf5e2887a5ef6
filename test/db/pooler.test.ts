import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/client.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { memoryLog } from './support.ts';

test.each([
  ['ERROR', 'until 1.15'],
  ['FATAL', 'since 1.16'],
])(
  'F-25: a pooler that refuses settings gets none at once, however many log in first: %s, as pgbouncer %s',
  async (severity) => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const pooler = await startRefusing(url, severity);
    const log = memoryLog();
    const db = createDatabase({ url: pooler.url, poolSize: 3, log });
    onTestFinished(() => closeDatabase(db));
    const calls = Array.from({ length: 8 }, () => db.execute(sql`select 1 as one`));
    expect(await Promise.all(calls)).toEqual(calls.map(() => [{ one: 1 }]));
    expect(pooler.refused()).toBeGreaterThanOrEqual(1);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^The pooler before the database takes no settings/);
  },
);

test('F-25: a pooler that swallows settings is noticed by what does not arrive', async () => {
  const { url, drop } = await createTestDatabase('direct');
  onTestFinished(drop);
  const log = memoryLog();
  const db = createDatabase({ url: await startSwallowing(url), poolSize: 3, log });
  onTestFinished(() => closeDatabase(db));
  const limit = sql`select current_setting('lock_timeout') as limit`;
  const calls = Array.from({ length: 8 }, () => db.execute(limit));
  expect(await Promise.all(calls)).toEqual(calls.map(() => [{ limit: '0' }]));
  // Each transaction carries its own limits, which is what a pooler keeps.
  expect(await transaction(db, (tx) => tx.execute(limit))).toEqual([{ limit: '2s' }]);
  expect(log.lines).toHaveLength(1);
});

/** Takes every setting out of the log-in, as pgbouncer's `ignore_startup_parameters` does. */
async function startSwallowing(databaseUrl: string): Promise<string> {
  return await startBefore(databaseUrl, (startup) => {
    const words = startup.subarray(8).toString('latin1').split('\0');
    const kept = words.flatMap((word, index) =>
      index % 2 === 0 && ['user', 'database'].includes(word) ? [word, words[index + 1] ?? ''] : [],
    );
    const body = Buffer.from(`${kept.join('\0')}\0\0`, 'latin1');
    const head = Buffer.from(startup.subarray(0, 8));
    head.writeInt32BE(8 + body.length, 0);
    return Buffer.concat([head, body]);
  });
}

/** Says no as pgbouncer does to what it cannot keep for a session, and else carries every byte on. */
async function startRefusing(databaseUrl: string, severity: string) {
  let refused = 0;
  const url = await startBefore(databaseUrl, (startup, client) => {
    if (!startup.includes('statement_timeout')) return startup;
    refused += 1;
    const message = 'unsupported startup parameter: statement_timeout';
    const fields = `S${severity}\0C08P01\0M${message}\0\0`;
    const answer = Buffer.from(`E----${fields}`, 'latin1');
    answer.writeInt32BE(4 + fields.length, 1);
    client.end(answer);
    return null;
  });
  return { url, refused: () => refused };
}

/** Stands before a database and looks at each log-in: what to send in its place, or null for none. */
async function startBefore(
  databaseUrl: string,
  look: (startup: Buffer, client: Socket) => Buffer | null,
): Promise<string> {
  const target = new URL(databaseUrl);
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    client.once('data', (bytes: Buffer) => {
      const startup = look(bytes, client);
      if (!startup) return;
      const database = connect({ host: target.hostname, port: Number(target.port) });
      database.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('close', () => database.destroy());
      database.write(startup);
      client.pipe(database).pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  url.searchParams.set('sslmode', 'disable');
  return url.href;
}
