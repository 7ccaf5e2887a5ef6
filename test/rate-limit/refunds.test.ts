import { eq, getTableName, sql } from 'drizzle-orm';
import postgres from 'postgres';
import { expect, onTestFinished } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { asOneRequest } from '../../src/db/request-time.ts';
import { build, firstRow } from '../../src/db/statement.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { ServerBusyError, ServiceUnavailableError } from '../../src/kernel/errors.ts';
import type { Limit } from '../../src/kernel/rate-limit.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { countAttempt, hashKeys, refundIfUnchanged } from '../../src/rate-limit/store.ts';
import { queryDatabase } from '../support/query-database.ts';
import { until } from '../support/until.ts';
import { type TestLimiter, testWithLimiter as test } from './limiter.ts';

const WRONG = new Error('wrong');

/** The counter of a limit, as the database has it. */
async function counterOf({ db, keyring }: TestLimiter, limit: Limit) {
  const [hashed] = hashKeys({ keyring }, [limit]);
  if (!hashed) throw new TypeError('There is no limit.');
  const select = build
    .select()
    .from(rateLimitCounters)
    .where(eq(rateLimitCounters.key, hashed.key));
  return { hashed, row: await run(db, firstRow(select)) };
}

/** How many statements wait for a lock on the counters. */
async function waiting({ db }: TestLimiter): Promise<number> {
  const [row] = await queryDatabase<{ n: number }>(
    db,
    sql`select count(*)::int as n from pg_locks
    where not granted and relation = ${getTableName(rateLimitCounters)}::regclass`,
  );
  return row?.n ?? 0;
}

test('F-8: an attempt that ends without being verified in a partial outage, and whose refund fails, is refunded when the database is back', async ({
  limiter,
}) => {
  const { rateLimiter, db, client } = limiter;
  const limit = { rule: RULES.signInAccount, key: ['outage@example.com'] };
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  // Not of the limiter's pool, whose statements end after a while.
  const other = postgres(limiter.database.url, { max: 1 });
  onTestFinished(() => other.end());
  const lock = () =>
    other.begin(async (tx) => {
      await tx`lock table ${tx(getTableName(rateLimitCounters))} in access exclusive mode`;
      locked.resolve();
      await released.promise;
    });
  const locking: Promise<unknown>[] = [];
  const attempt = asOneRequest(db, () =>
    rateLimiter.attempt([limit], { client: client() }, async () => {
      locking.push(lock());
      await locked.promise;
      throw new ServiceUnavailableError();
    }),
  );
  await expect(attempt).rejects.toThrow(ServiceUnavailableError);
  // The first refund has failed when nothing waits for the lock any more.
  await until(async () => (await waiting(limiter)) > 0);
  await until(async () => (await waiting(limiter)) === 0);
  released.resolve();
  await Promise.all(locking);
  await until(async () => (await counterOf(limiter, limit)).row?.tries === 0);
});

/** A counter of failures in a row with one attempt on it whose refund is deferred. */
async function deferredRefund(limiter: TestLimiter, email: string) {
  const { rateLimiter, db, clock, client } = limiter;
  const limit = { rule: RULES.signInAccount, key: [email] };
  const { hashed } = await counterOf(limiter, limit);
  const now = clock.now();
  const count = () => run(db, countAttempt([hashed], now));
  const [result] = await count();
  const { row } = await counterOf(limiter, limit);
  const state = {
    ...{ key: hashed.key, tries: result?.tries ?? 0 },
    resetsAt: row?.resetsAt ?? new Date(0),
  };
  return {
    ...{ limit, count },
    fail: () => rateLimiter.attempt([limit], { client: client() }, () => Promise.reject(WRONG)),
    refund: () => run(db, refundIfUnchanged(state)),
    counter: async () => {
      const { row: found } = await counterOf(limiter, limit);
      return { tries: found?.tries, isClosed: found && found.opensAt > clock.now() };
    },
  };
}

test('a deferred refund refunds one attempt, once', async ({ limiter }) => {
  const { refund, counter } = await deferredRefund(limiter, 'deferred-1@example.com');
  expect(await counter()).toEqual({ tries: 1, isClosed: false });
  await refund();
  await refund();
  expect(await counter()).toEqual({ tries: 0, isClosed: false });
});

test('RL-2: a deferred refund does not open a limit that failures have closed since', async ({
  limiter,
}) => {
  const { fail, refund, counter } = await deferredRefund(limiter, 'deferred-2@example.com');
  for (let failure = 0; failure < 9; failure += 1) await expect(fail()).rejects.toThrow('wrong');
  expect(await counter()).toEqual({ tries: 10, isClosed: true });
  await refund();
  expect(await counter()).toEqual({ tries: 10, isClosed: true });
});

test('RL-6: a deferred refund does not touch what another attempt of the same millisecond counted', async ({
  limiter,
}) => {
  const { count, refund, counter } = await deferredRefund(limiter, 'deferred-3@example.com');
  await count();
  await refund();
  expect(await counter()).toEqual({ tries: 2, isClosed: false });
});

test('RL-2: a deferred refund does not refund a failure that came after a success', async ({
  limiter,
}) => {
  const { limit, fail, refund, counter } = await deferredRefund(limiter, 'deferred-4@example.com');
  await run(limiter.db, limiter.rateLimiter.reset([limit]));
  limiter.clock.advance(1);
  await expect(fail()).rejects.toThrow('wrong');
  await refund();
  expect(await counter()).toEqual({ tries: 1, isClosed: false });
});

/** Attempts of one source. Each is under way until the test ends it: null is a success. Counts the wrong ones. */
function sprayFrom({ rateLimiter, client }: TestLimiter, ipAddress: string) {
  const limit = { rule: RULES.signInSpray, key: [ipAddress] };
  const seen = { verified: 0 };
  const begin = async (email: string) => {
    const end = Promise.withResolvers<Error | null>();
    const begun = Promise.withResolvers<string>();
    const ended = rateLimiter
      .attempt([{ ...limit, member: email }], { client: client(ipAddress) }, async () => {
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
  return { limit, begin, seen };
}

test('RL-4: an attempt that is aborted beside another at the same account does not refund that account', async ({
  limiter,
}) => {
  const { begin, seen } = sprayFrom(limiter, '192.0.2.8');
  for (let n = 0; n < 30; n += 1) {
    const email = `victim-${n}@example.com`;
    const decoy = await begin(email);
    const guess = await begin(email);
    await decoy(new ServerBusyError(1));
    await guess(WRONG);
  }
  expect(seen.verified).toBe(20);
});

test('RL-4: a closed spray limit is not opened by right passwords that were under way at the sprayer’s own account', async ({
  limiter,
}) => {
  const { begin, seen } = sprayFrom(limiter, '192.0.2.10');
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

test('RL-3: attempts of which none was verified leave nothing on the spray limit, however they overlapped', async ({
  limiter,
}) => {
  const { limit, begin, seen } = sprayFrom(limiter, '192.0.2.9');
  for (let n = 0; n < 30; n += 1) {
    const email = `hurried-${n}@example.com`;
    const attempts = [await begin(email), await begin(email), await begin(email)];
    for (const end of attempts) await end(new ServerBusyError(1));
  }
  const { row } = await counterOf(limiter, limit);
  expect(row).toMatchObject({ tries: 0, members: [] });
  await (await begin('late@example.com'))(WRONG);
  expect(seen.verified).toBe(1);
});
