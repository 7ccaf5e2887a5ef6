import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { columnsOf, columnsOfEach } from '../../src/db/selection.ts';
import {
  build,
  firstRow,
  hotStatement,
  map,
  noRows,
  rowCount,
  rows,
} from '../../src/db/statement.ts';
import { type Session, sessions } from '../../src/db/tables/session.ts';
import { type User, users } from '../../src/db/tables/user.ts';
import { newUser } from '../../src/user/new-user.ts';
import { openTestDatabase, rejection } from './support.ts';

const MOMENT = new Date('2026-03-04T05:06:07.089Z');

async function openPeople() {
  const db = await openTestDatabase();
  const user = newUser({
    ...{ id: randomUUID(), email: 'a@example.com', emailVerifiedAt: MOMENT, name: 'A "B", C\\' },
    ...{ passwordFromMail: true, credentialVersion: 3, createdAt: MOMENT },
    attributes: { plan: 'pro' },
  });
  const session: Session = {
    ...{ id: randomUUID(), userId: user.id, methods: ['pwd', 'o"t,p'] },
    ...{ refreshHash: Buffer.from([0, 255]), refreshSalt: Buffer.from([1]) },
    ...{ previousRefreshHash: null, rotatedAt: MOMENT, createdAt: MOMENT, lastUsedAt: MOMENT },
    ...{ expiresAt: MOMENT, absoluteExpiresAt: MOMENT, authenticatedAt: MOMENT },
    ...{ secondFactorAt: null, credentialVersion: 3, identityId: null, refreshes: 0 },
    ...{ impersonatorId: null, impersonatorSessionId: null },
    ...{ refreshesResetAt: MOMENT, revokedAt: null, revokedBecause: null },
    ...{ ipAddress: '::1', userAgent: null },
  };
  await run(db, noRows(build.insert(users).values(user)));
  await run(db, noRows(build.insert(sessions).values(session)));
  const other: User = { ...user, id: randomUUID(), email: 'b@example.com' };
  await run(db, noRows(build.insert(users).values(other)));
  return { db, user, other, session };
}

test('a query of the builder is read as Drizzle reads it: tables, outer joins, expressions', async () => {
  const { db, user, other, session } = await openPeople();
  const people = build
    .select({ user: users, session: sessions, shout: sql<string>`upper(${users.email})` })
    .from(users)
    .leftJoin(sessions, eq(sessions.userId, users.id))
    .orderBy(users.email);
  expect(await run(db, rows(people))).toEqual([
    { user, session, shout: 'A@EXAMPLE.COM' },
    { user: other, session: null, shout: 'B@EXAMPLE.COM' },
  ]);
  expect(await run(db, firstRow(build.select().from(users).where(eq(users.id, user.id))))).toEqual(
    user,
  );
  expect(await run(db, firstRow(build.select().from(users).limit(0)))).toBeNull();
});

test('returned, changed and deleted rows are read and counted', async () => {
  const { db, user } = await openPeople();
  const rename = build.update(users).set({ name: 'C' }).where(eq(users.id, user.id));
  expect(await run(db, firstRow(rename.returning()))).toEqual({ ...user, name: 'C' });
  expect(await run(db, rowCount(build.update(users).set({ name: 'D' })))).toBe(2);
  expect(await run(db, rowCount(sql`select from users where false`))).toBe(0);
  expect(await run(db, noRows(build.delete(users)))).toBeUndefined();
});

test('a hot statement reads whole tables as the builder does', async () => {
  const { db, user, session } = await openPeople();
  const both = columnsOfEach({ session: sessions, user: users });
  const findBoth = hotStatement<{ id: string; at: Date; methods: readonly string[] }, unknown>(
    (value) => sql`
      select ${both.columns} from ${users} join ${sessions} on ${sessions.userId} = ${users.id}
      where ${sessions.id} = ${value('id')} and ${sessions.createdAt} = ${value('at')}
        and ${sessions.methods} = ${value('methods')}`,
    both,
  );
  const wanted = { id: session.id, at: MOMENT, methods: session.methods };
  expect(await run(db, rows(findBoth(wanted)))).toEqual([{ session, user }]);
  const one = columnsOf(users);
  const rename = hotStatement<{ id: string; name: string | null }, User>(
    (value) => sql`
      update ${users} set name = ${value('name')} where ${users.id} = ${value('id')}
      returning ${one.columns}`,
    one,
  );
  const renamed = await run(db, firstRow(rename({ id: user.id, name: null })));
  expect(renamed).toEqual({ ...user, name: null });
});

test('the rows of SQL text are as the driver reads them', async () => {
  const { db } = await openPeople();
  const text = sql<unknown>`
    select ${MOMENT}::timestamptz as moment, array['a', 'b,"c'] as list, '{"a":1}'::jsonb as json,
      '\\x00ff'::bytea as bytes, null::timestamptz as nothing, 2::int as number`;
  expect(await run(db, rows(text))).toEqual([
    {
      ...{ moment: MOMENT, list: ['a', 'b,"c'], json: { a: 1 }, bytes: Buffer.from([0, 255]) },
      ...{ nothing: null, number: 2 },
    },
  ]);
});

test('the text of a hot statement is built once and prepared once on a connection, whatever its values', async () => {
  const { db } = await openPeople();
  let written = 0;
  const find = hotStatement<{ at: Date | null; id: string }, { n: number }>((value) => {
    written += 1;
    return sql`
      select count(*)::int as n from ${users}
      where ${users.createdAt} = ${value('at')} or ${users.email} = ${value('id')}`;
  });
  const count = (at: Date | null) => map(firstRow(find({ at, id: 'x' })), (row) => row?.n);
  expect(await db.run(count(MOMENT))).toHaveLength(1);
  expect([await run(db, count(MOMENT)), await run(db, count(null))]).toEqual([2, 0]);
  expect(written).toBe(1);
  const prepared = await run(
    db,
    rows(
      sql`select from pg_prepared_statements where statement like '%count(*)::int as n from "users"%'`,
    ),
  );
  expect(prepared).toHaveLength(1);
});

test('a missing parameter fails before anything is sent', () => {
  const find = hotStatement<{ id: string }, unknown>((value) => sql`select ${value('id')}::text`);
  expect(() => find({} as { id: string })).toThrow('No value for parameter "id".');
});

test('awaiting a query of the builder runs nothing', async () => {
  const error = await rejection(async () => await build.select().from(users));
  expect(error).toBeInstanceOf(TypeError);
});
