import { inspect } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { DatabaseError, databaseFault, isUniqueViolation } from '../../src/db/errors.ts';
import type { Executor } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import { build, hotStatement } from '../../src/db/statement.ts';
import { users } from '../../src/db/tables/user.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { queryDatabase } from '../support/query-database.ts';
import { openTestDatabase, rejection } from './support.ts';

const CANARY = 'canary-7f3a';
const now = new Date();
const user = (id: number, email: string) => ({
  id: `00000000-0000-7000-8000-00000000000${id}`,
  email,
  passwordHash: CANARY,
  createdAt: now,
  updatedAt: now,
});

/** Everything that a logger could find in an error, including hidden properties and causes. */
const everything = (error: unknown) =>
  inspect(error, { showHidden: true, depth: 20 }) + JSON.stringify(error) + String(error);

const FAILING: Record<string, (db: Executor) => Promise<unknown>> = {
  'a unique violation': (db) =>
    queryDatabase(db, build.insert(users).values(user(2, `${CANARY}@example.org`))),
  'a value of the wrong type': (db) =>
    queryDatabase(db, build.select().from(users).where(eq(users.id, CANARY))),
  'a broken check': (db) =>
    queryDatabase(db, build.insert(users).values({ ...user(3, 'x'), name: CANARY })),
  'a statement that does not parse': (db) => queryDatabase(db, sql`selec ${CANARY}`),
  'a value the driver cannot send': (db) =>
    queryDatabase(db, sql`select ${{ secret: CANARY }}::bytea`),
  'a missing value': (db) => queryDatabase(db, sql`select ${CANARY}, ${undefined}`),
  'a hot statement': (db) =>
    run(
      db,
      hotStatement<{ id: string }, unknown>(
        (value) => sql`select from ${users} where ${users.id} = ${value('id')}`,
      )({ id: CANARY }),
    ),
};

test.for(Object.entries(FAILING))('parameters never leave the room: %s', async ([, failing]) => {
  const db = await openTestDatabase();
  await queryDatabase(db, build.insert(users).values(user(1, `${CANARY}@example.org`)));
  for (const call of [
    () => failing(db),
    () => transaction(db, failing),
    () => transaction(db, failing),
  ]) {
    const error = await rejection(call);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(everything(error)).not.toContain(CANARY);
  }
  expect(await queryDatabase(db, build.select({ id: users.id }).from(users))).toHaveLength(1);
});

test('a unique violation is identified by its constraint', async () => {
  const db = await openTestDatabase();
  await queryDatabase(db, build.insert(users).values(user(1, 'a@example.org')));
  const again = () => queryDatabase(db, build.insert(users).values(user(2, 'a@example.org')));
  const error = await rejection(again);
  expect(isUniqueViolation(error, 'users_email_unique')).toBe(true);
  expect(isUniqueViolation(error, 'users_pkey')).toBe(false);
  expect(isUniqueViolation(new Error('23505'), 'users_email_unique')).toBe(false);
  const inTransaction = await rejection(() => transaction(db, again));
  expect(isUniqueViolation(inTransaction, 'users_email_unique')).toBe(true);
});

/** Makes the error as the driver does, from a record of the answer's fields, despite the declared type. */
const answer = (code: string) =>
  Object.assign(new postgres.PostgresError(CANARY), {
    code,
    message: CANARY,
    severity: 'ERROR',
    detail: CANARY,
  });

test.each([
  '08006',
  '25006',
  '28P01',
  '3D000',
  '40001',
  '40P01',
  '53100',
  '53300',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '58030',
])('%s says that the database is away, not that anything was refused', (code) => {
  const fault = databaseFault(answer(code));
  expect(fault).toBeInstanceOf(ServiceUnavailableError);
  expect(fault.cause).toMatchObject({ code });
  expect(everything(fault)).not.toContain(CANARY);
});

test.each(['23505', '22P02', '42P01', '42501', 'XX000'])('%s is a fault of ours', (code) => {
  expect(databaseFault(answer(code))).toMatchObject({ name: 'DatabaseError', code });
});

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CONNECTION_CLOSED',
  'CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
])('%s says that the database is away', (code) => {
  const error = Object.assign(new Error(CANARY), { code });
  expect(databaseFault(error)).toBeInstanceOf(ServiceUnavailableError);
});
