import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import type { Executor } from '../../src/db/client.ts';
import { inOneTrip } from '../../src/db/one-trip.ts';
import { prepared } from '../../src/db/prepared.ts';
import { signingKeys } from '../../src/db/tables/signing-key.ts';
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

it('is built once for a database, and filled in anew each time, also at once', async () => {
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

it('runs where it was asked to: a transaction sees its own row, the pool does not yet', async () => {
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

it('keeps its place among the statements of a trip, and is not built for it again', async () => {
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
