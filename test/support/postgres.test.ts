import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createTestDatabase } from './postgres.ts';

test('test databases are apart from each other, and gone once dropped', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const sql = postgres(one.url, { max: 1 });
  const other = postgres(two.url, { max: 1 });
  await sql`create table mine (n int)`;
  expect((await sql`select to_regclass('mine')::text as t`)[0]).toEqual({ t: 'mine' });
  expect((await other`select to_regclass('mine')::text as t`)[0]).toEqual({ t: null });
  await other.end();
  await Promise.all([one.drop(), two.drop()]);
  await sql.end();
});
