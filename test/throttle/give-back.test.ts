import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOneRequest } from '../../src/db/request-time.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { BUDGETS } from '../../src/throttle/budgets.ts';
import { keyAll } from '../../src/throttle/rules.ts';
import { giveBackIfUntouched, takeTry } from '../../src/throttle/store.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let sql: postgres.Sql;

beforeEach(async () => {
  server = await startTestServer();
  sql = postgres(server.database.url, { max: 2 });
});
afterEach(async () => {
  await sql.end();
  await server.close();
});

const WRONG = new Error('wrong');
const CLIENT = { ipAddress: '192.0.2.7', userAgent: null, requestId: 'a request' };

test('F-8: a try that ended unjudged in a partial outage, and could not be given back then, is given back when the database is well', async () => {
  const { throttle, db } = server.app.deps;
  const charge = { budget: BUDGETS.signInAccount, of: ['ada@example.com'] };
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const lock = () =>
    sql.begin(async (tx) => {
      await tx`lock table throttle_counters in access exclusive mode`;
      locked.resolve();
      await released.promise;
    });
  const locking: Promise<unknown>[] = [];

  const attempt = asOneRequest(db, () =>
    throttle.attempt([charge], { client: CLIENT }, async () => {
      locking.push(lock());
      await locked.promise;
      throw new ServiceUnavailableError();
    }),
  );
  await expect(attempt).rejects.toThrow(ServiceUnavailableError);
  // The first try to give it back is over when nothing waits for the lock any more.
  await until(async () => (await waiting()) > 0);
  await until(async () => (await waiting()) === 0);
  released.resolve();
  await Promise.all(locking);

  await until(async () => {
    const [row] = await sql`select tries from throttle_counters`;
    return row?.['tries'] === 0;
  });
});

/** A counter of consecutive failures with one unjudged try on it that is owed. */
async function owedTry(of: string) {
  const { throttle, db, keyring, clock } = server.app.deps;
  const charge = { budget: BUDGETS.signInAccount, of: [of] };
  const [keyed] = keyAll({ keyring }, [charge]);
  if (!keyed) throw new TypeError('There is no charge.');
  const fail = () => throttle.attempt([charge], { client: CLIENT }, () => Promise.reject(WRONG));
  const now = clock.now();
  const take = () => takeTry(db, [keyed], now);
  const [verdict] = await take();
  const [row] = await sql<{ resets: Date }[]>`select resets_at as resets from throttle_counters`;
  const left = { key: keyed.key, tries: verdict?.tries ?? 0, resetsAt: row?.resets ?? new Date(0) };
  const pay = () => giveBackIfUntouched(db, left);
  const tries = async () => {
    const [found] = await sql`select tries, opens_at > now() as closed from throttle_counters`;
    return { tries: found?.['tries'], closed: found?.['closed'] };
  };
  return { charge, take, fail, pay, tries };
}

test('a late payment gives back one try, once', async () => {
  const { pay, tries } = await owedTry('ada@example.com');
  expect(await tries()).toEqual({ tries: 1, closed: false });
  await pay();
  await pay();
  expect(await tries()).toEqual({ tries: 0, closed: false });
});

test('RL-2: a late payment opens nothing that was closed by failures since', async () => {
  const { fail, pay, tries } = await owedTry('ada@example.com');
  for (let failure = 0; failure < 9; failure += 1) await expect(fail()).rejects.toThrow('wrong');
  expect(await tries()).toEqual({ tries: 10, closed: true });
  await pay();
  expect(await tries()).toEqual({ tries: 10, closed: true });
});

test('RL-6: nor does it touch what another try of the same millisecond counted', async () => {
  const { take, pay, tries } = await owedTry('ada@example.com');
  await take();
  await pay();
  expect(await tries()).toEqual({ tries: 2, closed: false });
});

test('RL-2: nor does it forgive a failure that came after a success', async () => {
  const { charge, fail, pay, tries } = await owedTry('ada@example.com');
  await server.app.deps.throttle.forgive([charge]);
  await expect(fail()).rejects.toThrow('wrong');
  await pay();
  expect(await tries()).toEqual({ tries: 1, closed: false });
});

async function waiting(): Promise<number> {
  const [row] = await sql`select count(*)::int as n from pg_locks
    where not granted and relation = 'throttle_counters'::regclass`;
  return Number(row?.['n']);
}
