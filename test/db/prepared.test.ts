import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Executor } from '../../src/db/driver/client.ts';
import { inOneTrip } from '../../src/db/one-trip.ts';
import { prepared } from '../../src/db/prepared.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { signingKeys } from '../../src/db/tables/signing-key.ts';
import { users } from '../../src/db/tables/user.ts';
import { transaction } from '../../src/db/transaction.ts';
import { openTestDatabase } from './support.ts';

const MOMENT = new Date('2026-03-01T12:00:00Z');
const row = (kid: string) => ({
  kid,
  sealedPrivateKey: Buffer.from(kid),
  createdAt: MOMENT,
  activeFrom: MOMENT,
});

function setUp() {
  const built: Executor[] = [];
  const findKey = prepared<{ kid: string }>()((executor) => {
    built.push(executor);
    return executor
      .select({ kid: signingKeys.kid })
      .from(signingKeys)
      .where(eq(signingKeys.kid, sql.placeholder('kid')))
      .prepare('find_key');
  });
  return { built, findKey };
}

test('is built once for a database, and filled in anew each time, also at once', async () => {
  const db = await openTestDatabase();
  const { built, findKey } = setUp();
  await db.insert(signingKeys).values(['a', 'b', 'c'].map(row));
  const wanted = Array.from({ length: 60 }, (_, index) => 'abcx'.charAt(index % 4));
  const found = await Promise.all(wanted.map((kid) => findKey(db, { kid })));
  expect(found.map(([first]) => first?.kid)).toEqual(
    wanted.map((kid) => (kid === 'x' ? undefined : kid)),
  );
  expect(built).toHaveLength(1);
});

test('runs where it was asked to: a transaction sees its own row, the pool does not yet', async () => {
  const db = await openTestDatabase();
  const { findKey } = setUp();
  expect(await findKey(db, { kid: 'mine' })).toEqual([]);
  await transaction(db, async (tx) => {
    await tx.insert(signingKeys).values(row('mine'));
    expect(await findKey(tx, { kid: 'mine' })).toEqual([{ kid: 'mine' }]);
    expect(await findKey(db, { kid: 'mine' })).toEqual([]);
  });
  expect(await findKey(db, { kid: 'mine' })).toEqual([{ kid: 'mine' }]);
});

test('keeps its place among the statements of a trip, and is not built for it again', async () => {
  const db = await openTestDatabase();
  const { built, findKey } = setUp();
  for (let turn = 0; turn < 3; turn += 1) {
    const kid = `key ${turn}`;
    const [before, , after] = await inOneTrip(db, (executor) =>
      Promise.all([
        findKey(executor, { kid }),
        executor.insert(signingKeys).values(row(kid)),
        findKey(executor, { kid }),
      ]),
    );
    expect([before, after]).toEqual([[], [{ kid }]]);
  }
  expect(built).toHaveLength(1);
});

test('reads rows as Drizzle does: joins, rows that are missing from one, lists, moments, expressions', async () => {
  const db = await openTestDatabase();
  const [id, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const moments = { createdAt: MOMENT, updatedAt: MOMENT };
  await db.insert(users).values([
    { id, email: 'a@example.com', ...moments },
    { id: other, email: 'b@example.com', name: 'B', emailVerifiedAt: MOMENT, ...moments },
  ]);
  await db.insert(sessions).values({
    ...{
      id,
      userId: id,
      refreshHash: Buffer.from([0, 255]),
      refreshSalt: Buffer.from([1]),
      methods: ['pwd', 'o"t,p'],
    },
    ...{ rotatedAt: MOMENT, createdAt: MOMENT, lastUsedAt: MOMENT, authenticatedAt: MOMENT },
    ...{ expiresAt: MOMENT, absoluteExpiresAt: MOMENT, credentialVersion: 1 },
  });
  const shout = sql<string>`upper(${users.email})`.as('shout');
  const pages = (executor: Executor) =>
    executor
      .select({ user: users, session: sessions, shout, version: users.credentialVersion })
      .from(users)
      .leftJoin(sessions, eq(sessions.userId, users.id))
      .where(eq(users.createdAt, sql.param(sql.placeholder('at'), users.createdAt)))
      .orderBy(users.email);
  const wanted = await pages(db).prepare('wanted').execute({ at: MOMENT });
  const read = prepared<{ at: Date }>()((executor) => pages(executor).prepare('read'));
  expect(await read(db, { at: MOMENT })).toEqual(wanted);
  expect(wanted.map(({ session }) => session?.methods ?? null)).toEqual([['pwd', 'o"t,p'], null]);
  const rename = prepared<{ name: string }>()((executor) =>
    executor
      .update(users)
      .set({ name: sql`${sql.placeholder('name')}` })
      .returning()
      .prepare('rename'),
  );
  const renamed = await rename(db, { name: 'C' });
  expect(renamed).toEqual(await db.select().from(users));
});

test('a value that was forgotten is told before anything is sent', async () => {
  const db = await openTestDatabase();
  const { findKey } = setUp();
  const forgotten = {} as { kid: string };
  await expect(findKey(db, forgotten)).rejects.toThrow('No value for placeholder "kid".');
});
