import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { pipeline, pipelineTransaction } from '../../src/db/pipeline.ts';
import { noRows, rows } from '../../src/db/statement.ts';
import { transaction } from '../../src/db/transaction.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';
import { memoryLog } from './support.ts';

test.each([
  ['ERROR', 'until 1.15'],
  ['FATAL', 'since 1.16'],
])(
  'F-25: after a pooler refuses settings, log-ins send none, even if several began before: %s, as pgbouncer %s',
  async (severity) => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const pooler = await startRefusing(url, severity);
    const log = memoryLog();
    const db = createDatabase({ url: pooler.url, poolSize: 3, log });
    onTestFinished(() => closeDatabase(db));
    const calls = Array.from({ length: 8 }, () => queryDatabase(db, sql`select 1 as one`));
    expect(await Promise.all(calls)).toEqual(calls.map(() => [{ one: 1 }]));
    expect(pooler.refused()).toBeGreaterThanOrEqual(1);
    expect(log.lines).toEqual(['connection pooler detected']);
  },
);

test('F-25: a pooler that removes settings is detected by the missing mark', async () => {
  const { url, drop } = await createTestDatabase('direct');
  onTestFinished(drop);
  const log = memoryLog();
  const db = createDatabase({ url: await startSwallowing(url), poolSize: 3, log });
  onTestFinished(() => closeDatabase(db));
  const limit = sql`select current_setting('lock_timeout') as limit`;
  const calls = Array.from({ length: 8 }, () => queryDatabase(db, limit));
  expect(await Promise.all(calls)).toEqual(calls.map(() => [{ limit: '0' }]));
  // A pooler keeps settings within a transaction, so each transaction sets its own limits.
  expect(await transaction(db, (tx) => queryDatabase(tx, limit))).toEqual([{ limit: '2s' }]);
  expect(log.lines).toHaveLength(1);
});

test('F-25: behind a pooler no description is sent while a statement outside a transaction waits for its answer', async () => {
  const { url, drop } = await createTestDatabase('direct');
  onTestFinished(drop);
  const pooler = await startWatching(url);
  const db = createDatabase({ url: pooler.url, poolSize: 1, log: memoryLog() });
  onTestFinished(() => closeDatabase(db));
  const answers = await pipeline(db, [
    rows(sql<object>`select pg_sleep(0.05), 1 as one`),
    rows(sql<object>`select ${2}::int as two`),
    rows(sql<object>`select ${3}::int as three`),
  ]);
  expect(answers.map(([row]) => Object.values(row ?? {}).at(-1))).toEqual([1, 2, 3]);
  // In a transaction the pooler keeps the session, so the statements are sent at once.
  await pipelineTransaction(db, [
    noRows(sql`select pg_sleep(0.05)`),
    noRows(sql`select ${4}::int`),
  ]);
  expect(pooler.descriptions()).toBeGreaterThanOrEqual(3);
  expect(pooler.lost()).toBe(0);
});

/** Removes every setting from the log-in, as pgbouncer's `ignore_startup_parameters` does. */
async function startSwallowing(databaseUrl: string): Promise<string> {
  return await startBefore(databaseUrl, withoutSettings);
}

function withoutSettings(startup: Buffer): Buffer {
  const words = startup.subarray(8).toString('latin1').split('\0');
  const kept = words.flatMap((word, index) =>
    index % 2 === 0 && ['user', 'database'].includes(word) ? [word, words[index + 1] ?? ''] : [],
  );
  const body = Buffer.from(`${kept.join('\0')}\0\0`, 'latin1');
  const head = Buffer.from(startup.subarray(0, 8));
  head.writeInt32BE(8 + body.length, 0);
  return Buffer.concat([head, body]);
}

/**
 * Counts descriptions that pgbouncer 1.18 would lose. After an answer outside a transaction, pgbouncer assigns the
 * session to another client unless a message that ends in Sync is still unanswered. A description that is on its way
 * at that moment is lost.
 */
async function startWatching(databaseUrl: string) {
  let descriptions = 0;
  let lost = 0;
  const swallowing = await startBefore(databaseUrl, withoutSettings, (client, database) => {
    let waiting = 0;
    let isDescribing = false;
    let begun = 'I';
    client.on(
      'data',
      messages((type) => {
        if (type === 'H') {
          descriptions += 1;
          isDescribing = waiting > 0 && begun === 'I';
        } else if (type === 'Q' || type === 'S') {
          waiting += 1;
          isDescribing = false;
        }
      }),
    );
    database.on(
      'data',
      messages((type, body) => {
        if (type !== 'Z') return;
        begun = body.toString('latin1');
        if (waiting > 0) waiting -= 1;
        if (isDescribing && waiting === 0 && begun === 'I') lost += 1;
      }),
    );
  });
  return { url: swallowing, descriptions: () => descriptions, lost: () => lost };
}

/** Splits a stream into messages of the protocol: a letter, a length, a body. */
function messages(take: (type: string, body: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = 1 + rest.readInt32BE(1);
      take(String.fromCharCode(rest[0] ?? 0), rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  };
}

/** Refuses settings that it could not keep for a session, like pgbouncer, and forwards all other bytes. */
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

/** A proxy of a database. `look` returns the log-in to send instead, or null to send none. */
async function startBefore(
  databaseUrl: string,
  look: (startup: Buffer, client: Socket) => Buffer | null,
  watch: (client: Socket, database: Socket) => void = () => undefined,
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
      watch(client, database);
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
