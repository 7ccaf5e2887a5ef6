import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/client.ts';
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

/** Says no as pgbouncer does to what it cannot keep for a session, and else carries every byte on. */
async function startRefusing(databaseUrl: string, severity: string) {
  const target = new URL(databaseUrl);
  let refused = 0;
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    client.once('data', (startup) => {
      if (startup.includes('statement_timeout')) {
        refused += 1;
        const message = 'unsupported startup parameter: statement_timeout';
        const fields = `S${severity}\0C08P01\0M${message}\0\0`;
        const answer = Buffer.from(`E----${fields}`, 'latin1');
        answer.writeInt32BE(4 + fields.length, 1);
        client.end(answer);
        return;
      }
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
  return { url: url.href, refused: () => refused };
}
