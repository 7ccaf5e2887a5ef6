import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
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

test('F-8: an attempt that ends without being verified in a partial outage, and whose refund fails, is refunded when the database is back', async () => {
  const { rateLimiter, db } = server.app.deps;
  const limit = { rule: RULES.signInAccount, key: ['ada@example.com'] };
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const lock = () =>
    sql.begin(async (tx) => {
      await tx`lock table rate_limit_counters in access exclusive mode`;
      locked.resolve();
      await released.promise;
    });
  const locking: Promise<unknown>[] = [];

  const attempt = asOneRequest(db, () =>
    rateLimiter.attempt([limit], { client: CLIENT }, async () => {
      locking.push(lock());
      await locked.promise;
      throw new ServiceUnavailableError();
    }),
  );
  await expect(attempt).rejects.toThrow(ServiceUnavailableError);
  // The first refund has failed when nothing waits for the lock any more.
  await until(async () => (await waiting()) > 0);
  await until(async () => (await waiting()) === 0);
  released.resolve();
  await Promise.all(locking);

  await until(async () => {
    const [row] = await sql`select tries from rate_limit_counters`;
    return row?.['tries'] === 0;
  });
});

/** A counter of failures in a row with one attempt on it whose refund is deferred. */
async function deferredRefund(key: string) {
  const { rateLimiter, db, keyring, clock } = server.app.deps;
  const limit = { rule: RULES.signInAccount, key: [key] };
  const [hashed] = hashKeys({ keyring }, [limit]);
  if (!hashed) throw new TypeError('There is no limit.');
  const fail = () => rateLimiter.attempt([limit], { client: CLIENT }, () => Promise.reject(WRONG));
  const now = clock.now();
  const count = () => run(db, countAttempt([hashed], now));
  const [result] = await count();
  const [row] = await sql<{ resets: Date }[]>`select resets_at as resets from rate_limit_counters`;
  const resetsAt = row?.resets ?? new Date(0);
  const state = { key: hashed.key, tries: result?.tries ?? 0, resetsAt };
  const refund = () => run(db, refundIfUnchanged(state));
  const tries = async () => {
    const [found] = await sql`select tries, opens_at > now() as closed from rate_limit_counters`;
    return { tries: found?.['tries'], closed: found?.['closed'] };
  };
  return { limit, count, fail, refund, tries };
}

test('a deferred refund refunds one attempt, once', async () => {
  const { refund, tries } = await deferredRefund('ada@example.com');
  expect(await tries()).toEqual({ tries: 1, closed: false });
  await refund();
  await refund();
  expect(await tries()).toEqual({ tries: 0, closed: false });
});

test('RL-2: a deferred refund does not open a limit that failures have closed since', async () => {
  const { fail, refund, tries } = await deferredRefund('ada@example.com');
  for (let failure = 0; failure < 9; failure += 1) await expect(fail()).rejects.toThrow('wrong');
  expect(await tries()).toEqual({ tries: 10, closed: true });
  await refund();
  expect(await tries()).toEqual({ tries: 10, closed: true });
});

test('RL-6: a deferred refund does not touch what another attempt of the same millisecond counted', async () => {
  const { count, refund, tries } = await deferredRefund('ada@example.com');
  await count();
  await refund();
  expect(await tries()).toEqual({ tries: 2, closed: false });
});

test('RL-2: a deferred refund does not refund a failure that came after a success', async () => {
  const { limit, fail, refund, tries } = await deferredRefund('ada@example.com');
  await server.app.deps.rateLimiter.reset([limit]);
  await expect(fail()).rejects.toThrow('wrong');
  await refund();
  expect(await tries()).toEqual({ tries: 1, closed: false });
});

/** Attempts of one source. Each is under way until the test ends it: null is a success. Counts the wrong ones. */
function sprayFrom(ipAddress: string) {
  const { rateLimiter } = server.app.deps;
  const client = { ...CLIENT, ipAddress };
  const seen = { verified: 0 };
  const begin = async (email: string) => {
    const end = Promise.withResolvers<Error | null>();
    const begun = Promise.withResolvers<string>();
    const limit = { rule: RULES.signInSpray, key: [ipAddress], member: email };
    const ended = rateLimiter
      .attempt([limit], { client }, async () => {
        begun.resolve('begun');
        const reason = await end.promise;
        if (reason === WRONG) seen.verified += 1;
        if (reason) throw reason;
      })
      .catch((error: unknown) => error);
    await Promise.race([begun.promise, ended]);
    return async (reason: Error | null) => {
      end.resolve(reason);
      await ended;
    };
  };
  return { begin, seen };
}

test('RL-4: an attempt that is aborted beside another at the same account does not refund that account', async () => {
  const { begin, seen } = sprayFrom('192.0.2.8');
  for (let n = 0; n < 30; n += 1) {
    const email = `victim-${n}@example.com`;
    const decoy = await begin(email);
    const guess = await begin(email);
    await decoy(new ServerBusyError(1));
    await guess(WRONG);
  }
  expect(seen.verified).toBe(20);
});

test('RL-4: a closed spray limit is not opened by right passwords that were under way at the sprayer’s own account', async () => {
  const { begin, seen } = sprayFrom('192.0.2.10');
  const own = [
    await begin('own@example.com'),
    await begin('own@example.com'),
    await begin('own@example.com'),
  ];
  for (let n = 0; n < 19; n += 1) await (await begin(`victim-${n}@example.com`))(WRONG);
  for (const [n, succeed] of own.entries()) {
    await succeed(null);
    // The first success refunds the own account, which leaves room for one more. The others refund nothing.
    await (await begin(`next-${n}@example.com`))(WRONG);
  }
  expect(seen.verified).toBe(20);
});

test('RL-3: attempts of which none was verified leave nothing on the spray limit, however they overlapped', async () => {
  const { begin, seen } = sprayFrom('192.0.2.9');
  for (let n = 0; n < 30; n += 1) {
    const email = `hurried-${n}@example.com`;
    const attempts = [await begin(email), await begin(email), await begin(email)];
    for (const end of attempts) await end(new ServerBusyError(1));
  }
  const rows = await sql`select tries, members from rate_limit_counters`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ tries: 0, members: [] }]);
  await (await begin('late@example.com'))(WRONG);
  expect(seen.verified).toBe(1);
});

async function waiting(): Promise<number> {
  const [row] = await sql`select count(*)::int as n from pg_locks
    where not granted and relation = 'rate_limit_counters'::regclass`;
  return Number(row?.['n']);
}
