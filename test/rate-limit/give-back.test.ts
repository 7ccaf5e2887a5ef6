import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOneRequest } from '../../src/db/request-time.ts';
import { ServerBusyError, ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { countAttempt, hashKeys, refundIfUnchanged } from '../../src/rate-limit/store.ts';
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
  const { rateLimiter, db } = server.app.deps;
  const charge = { rule: RULES.signInAccount, key: ['ada@example.com'] };
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
    rateLimiter.attempt([charge], { client: CLIENT }, async () => {
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
  const { rateLimiter, db, keyring, clock } = server.app.deps;
  const charge = { rule: RULES.signInAccount, key: [of] };
  const [keyed] = hashKeys({ keyring }, [charge]);
  if (!keyed) throw new TypeError('There is no charge.');
  const fail = () => rateLimiter.attempt([charge], { client: CLIENT }, () => Promise.reject(WRONG));
  const now = clock.now();
  const take = () => countAttempt(db, [keyed], now);
  const [verdict] = await take();
  const [row] = await sql<{ resets: Date }[]>`select resets_at as resets from throttle_counters`;
  const left = { key: keyed.key, tries: verdict?.tries ?? 0, resetsAt: row?.resets ?? new Date(0) };
  const pay = () => refundIfUnchanged(db, left);
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
  await server.app.deps.rateLimiter.reset([charge]);
  await expect(fail()).rejects.toThrow('wrong');
  await pay();
  expect(await tries()).toEqual({ tries: 1, closed: false });
});

/** Tries of one source, each under way until its end is told (null: a success); counts the wrong ones. */
function sprayFrom(ipAddress: string) {
  const { rateLimiter } = server.app.deps;
  const client = { ...CLIENT, ipAddress };
  const seen = { judged: 0 };
  const begin = async (email: string) => {
    const end = Promise.withResolvers<Error | null>();
    const begun = Promise.withResolvers<string>();
    const charge = { rule: RULES.signInSpray, key: [ipAddress], member: email };
    const over = rateLimiter
      .attempt([charge], { client }, async () => {
        begun.resolve('begun');
        const reason = await end.promise;
        if (reason === WRONG) seen.judged += 1;
        if (reason) throw reason;
      })
      .catch((error: unknown) => error);
    await Promise.race([begun.promise, over]);
    return async (reason: Error | null) => {
      end.resolve(reason);
      await over;
    };
  };
  return { begin, seen };
}

test('RL-4: a try called off beside another at the same account does not take that one off the spray', async () => {
  const { begin, seen } = sprayFrom('192.0.2.8');
  for (let n = 0; n < 30; n += 1) {
    const email = `victim-${n}@example.com`;
    const decoy = await begin(email);
    const guess = await begin(email);
    await decoy(new ServerBusyError(1));
    await guess(WRONG);
  }
  expect(seen.judged).toBe(20);
});

test('RL-4: a spray that is closed is not opened by right passwords that were under way at an account of its own', async () => {
  const { begin, seen } = sprayFrom('192.0.2.10');
  const own = [
    await begin('own@example.com'),
    await begin('own@example.com'),
    await begin('own@example.com'),
  ];
  for (let n = 0; n < 19; n += 1) await (await begin(`victim-${n}@example.com`))(WRONG);
  for (const [n, succeed] of own.entries()) {
    await succeed(null);
    // The first success takes the own account off, which leaves room for one more. No other does.
    await (await begin(`next-${n}@example.com`))(WRONG);
  }
  expect(seen.judged).toBe(20);
});

test('RL-3: tries of which none was judged leave nothing on the spray, however they overlapped', async () => {
  const { begin, seen } = sprayFrom('192.0.2.9');
  for (let n = 0; n < 30; n += 1) {
    const email = `hurried-${n}@example.com`;
    const tries = [await begin(email), await begin(email), await begin(email)];
    for (const end of tries) await end(new ServerBusyError(1));
  }
  const rows = await sql`select tries, members from throttle_counters`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ tries: 0, members: [] }]);
  await (await begin('late@example.com'))(WRONG);
  expect(seen.judged).toBe(1);
});

async function waiting(): Promise<number> {
  const [row] = await sql`select count(*)::int as n from pg_locks
    where not granted and relation = 'throttle_counters'::regclass`;
  return Number(row?.['n']);
}
