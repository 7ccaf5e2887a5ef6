import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { after, DAY, HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { adminToken } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

let token: string;
test.beforeAll(async ({ server }) => {
  ({ token } = await adminToken(server, ['STATISTICS_READ']));
});

async function attention(server: TestServer): Promise<readonly { kind: string }[]> {
  const answer = await server.admin('{ attention { kind subject since } }', {}, { token });
  if (!answer.data) throw new Error(answer.text);
  return answer.data.attention;
}

const random = { bytes: (length: number) => randomBytes(length) };
const idAt = (at: Date) => newId({ clock: { now: () => at }, random });

test('attention is empty while all is well', async ({ server }) => {
  expect(await attention(server)).toEqual([]);
});

test('attention names mails that wait and mails that were given up, never an address, and no decoys', async ({
  server,
}) => {
  const { db, clock } = server.app.deps;
  const now = clock.now();
  const at = (minutes: number) => after(now, minutes * MINUTE);
  // Due in the future, so that the worker of this server leaves them alone.
  const mail = (createdAt: Date, more: object = {}) => ({
    ...{ id: idAt(createdAt), recipient: 'secret@example.com', template: 'verify-email' },
    ...{ queue: 'anybody' as const, createdAt, expiresAt: at(999), nextAttemptAt: at(60) },
    ...{ attempts: 3, lastError: '451 DATA', ...more },
  });
  await queryDatabase(
    db,
    build.insert(mailOutbox).values([
      // Nothing to see: young, scheduled for later, sent, and decoys.
      mail(at(-4)),
      mail(at(-60), { attempts: 0, lastError: null }),
      mail(at(-60), { sentAt: now }),
      mail(at(-60), { queue: 'decoy' }),
      mail(at(-60), { queue: 'decoy', deadAt: now }),
    ]),
  );
  expect(await attention(server)).toEqual([]);
  await queryDatabase(
    db,
    build
      .insert(mailOutbox)
      .values([
        mail(at(-20)),
        mail(at(-10), { lastError: 'ECONNREFUSED' }),
        mail(at(-90), { deadAt: at(-30), lastError: '550 RCPT' }),
      ]),
  );
  expect(await attention(server)).toEqual([
    { kind: 'MAIL_FAILING', subject: '2 mails: ECONNREFUSED', since: at(-20).toISOString() },
    { kind: 'MAILS_DEAD', subject: '1 mail: 550 RCPT', since: at(-30).toISOString() },
  ]);
  await queryDatabase(db, 'delete from mail_outbox');
});

test('attention names a limit that closes again and again, and none that closed a few times', async ({
  server,
}) => {
  const { db, clock } = server.app.deps;
  const closed = (limit: string, times: number, ago: number) =>
    Array.from({ length: times }, (_, n) => {
      const at = after(clock.now(), n - ago);
      return { id: idAt(at), type: 'RATE_LIMITED', at, detail: { limit } };
    });
  const events = [
    ...closed('sign-in.source', 25, 10 * MINUTE),
    ...closed('mail.source', 19, 5 * MINUTE),
    ...closed('passkey', 30, 16 * MINUTE),
  ];
  await queryDatabase(db, build.insert(auditEvents).values(events));
  expect(await attention(server)).toEqual([
    {
      kind: 'LIMITS_CLOSING',
      subject: 'sign-in.source: 25 times',
      since: events[0]?.at.toISOString(),
    },
  ]);
  await queryDatabase(db, 'truncate audit_events');
});

test('attention names a signing key that no server rotates', async ({ server }) => {
  const { db, clock, config } = server.app.deps;
  const [key] = await queryDatabase<{ kid: string; activeFrom: Date }>(
    db,
    'select kid, active_from as "activeFrom" from signing_keys order by active_from limit 1',
  );
  const began = after(clock.now(), -config.signingKeyLifetime - DAY - HOUR);
  await queryDatabase(
    db,
    sql`update signing_keys set active_from = ${began.toISOString()}::timestamptz where kid = ${key?.kid}`,
  );
  expect(await attention(server)).toEqual([
    {
      kind: 'SIGNING_KEY_DUE',
      subject: key?.kid,
      since: after(began, config.signingKeyLifetime).toISOString(),
    },
  ]);
  await queryDatabase(
    db,
    sql`update signing_keys set active_from = ${key?.activeFrom.toISOString()}::timestamptz where kid = ${key?.kid}`,
  );
});

test('attention names migrations that the database lacks', async ({ server }) => {
  const { db } = server.app.deps;
  const [newest] = await queryDatabase<Record<string, string>>(
    db,
    'select * from latchkey_migrations order by name desc limit 1',
  );
  const name = newest?.['name'];
  await queryDatabase(db, sql`delete from latchkey_migrations where name = ${name}`);
  expect(await attention(server)).toEqual([
    { kind: 'MIGRATION_PENDING', subject: name, since: expect.any(String) },
  ]);
});

test('attention names a log without a partition for today, and events outside of all partitions', async ({
  server,
}) => {
  const { db, clock } = server.app.deps;
  const months = await queryDatabase<{ name: string }>(
    db,
    `select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = 'audit_events'::regclass and relname <> 'audit_events_default'`,
  );
  for (const { name } of months) await queryDatabase(db, sql`drop table ${sql.identifier(name)}`);
  const at = clock.now();
  const stray = { id: idAt(at), type: 'SIGNED_IN', at, detail: {} };
  await queryDatabase(db, build.insert(auditEvents).values(stray));
  const found = await attention(server);
  expect(found.filter(({ kind }) => kind === 'PARTITION_MISSING')).toEqual([
    { kind: 'PARTITION_MISSING', subject: 'audit_events', since: expect.any(String) },
    { kind: 'PARTITION_MISSING', subject: '1 events', since: expect.any(String) },
  ]);
});
