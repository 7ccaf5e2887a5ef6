import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { asOneRequest } from '../../src/db/request-time.ts';
import { queryDatabase } from '../support/query-database.ts';
import { openTestDatabase, timed } from './support.ts';

const pause = (seconds: number) => sql`select pg_sleep(${seconds}::float8)`;
const REFUSED = { name: 'ServiceUnavailableError' };

test('RR-11: two calls of one request share its time limit', async () => {
  const db = await openTestDatabase(2);
  const { error, milliseconds } = await timed(() =>
    asOneRequest(db, async () => {
      await queryDatabase(db, pause(1.6));
      await queryDatabase(db, pause(1.6));
    }),
  );
  expect(error).toMatchObject(REFUSED);
  expect(milliseconds).toBeGreaterThan(2_000);
  expect(milliseconds).toBeLessThan(2_900);
});

test('a request that waited long for its hash is still answered if the database works', async () => {
  const db = await openTestDatabase(2);
  await asOneRequest(db, async () => {
    await queryDatabase(db, pause(0));
    await sleep(2_600);
    expect(await queryDatabase(db, sql`select 1 as one`)).toHaveLength(1);
    const { error, milliseconds } = await timed(() => queryDatabase(db, pause(2)));
    expect(error).toMatchObject(REFUSED);
    expect(milliseconds).toBeLessThan(700);
  });
});

test('a request waits for a connection for at most half of its remaining time, and then sends nothing', async () => {
  const db = await openTestDatabase(1);
  await asOneRequest(db, async () => {
    await sleep(2_300);
    const other = asOneRequest(db, () => queryDatabase(db, pause(0.6)));
    const { error, milliseconds } = await timed(() => queryDatabase(db, pause(0)));
    expect(error).toMatchObject({ cause: { code: 'POOL_EXHAUSTED' } });
    expect(milliseconds).toBeLessThan(400);
    await other;
  });
});

test('a call outside a request has the whole time, however late a request before it was', async () => {
  const db = await openTestDatabase(1);
  await asOneRequest(db, () => sleep(2_600));
  expect(await queryDatabase(db, pause(1))).toHaveLength(1);
  const other = asOneRequest(db, () => queryDatabase(db, pause(1)));
  expect(await other).toHaveLength(1);
});
