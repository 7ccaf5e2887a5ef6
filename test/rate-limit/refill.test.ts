import { sql } from 'drizzle-orm';
import { expect, vi } from 'vitest';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { registrationLimits } from '../../src/rate-limit/limits.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { queryDatabase } from '../support/query-database.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { trialsOr } from '../support/trials.ts';
import { type TestLimiter, testWithLimiter as test, times } from './limiter.ts';

// A test that is cut off goes on and moves the clock of the others.
vi.setConfig({ testTimeout: 120_000 });

// Limits of a source refill evenly, and allow no more in an hour than a period of an hour did (O-2).

/** Attempts at accounts from one source, as the spray limit counts them. */
const sprayFrom =
  ({ attempt }: TestLimiter, source: string) =>
  async (member: string, isRight = false) =>
    (await attempt([{ rule: RULES.signInSpray, key: [source], member }], isRight)).outcome;

test('RL-4: a spray without a pause gets 20 at once, then one each three minutes; no hour has more than 40', async ({
  limiter,
}) => {
  const { clock } = limiter;
  const tryAt = sprayFrom(limiter, 'a patient source');
  const evaluated: number[] = [];
  const startedAt = clock.now().getTime();
  let account = 0;
  for (let minute = 0; minute < 6 * 60; minute += 1) {
    for (let n = 0; n < (minute === 0 ? 30 : 2); n += 1) {
      account += 1;
      if ((await tryAt(`account-${account}`)) === 'wrong') evaluated.push(clock.now().getTime());
    }
    clock.advance(MINUTE);
  }
  const within = (from: number) => evaluated.filter((at) => at >= from && at < from + HOUR).length;
  const anyHour = Math.max(...evaluated.map(within));
  const laterHours = [1, 2, 3, 4, 5].map((hour) => within(startedAt + hour * HOUR));
  expect(within(startedAt)).toBeLessThan(40);
  expect(anyHour).toBeLessThanOrEqual(40);
  expect(Math.max(...laterHours)).toBeLessThanOrEqual(20);
});

test('RL-4: an account of one’s own earns no more attempts: signing in to it between the guesses changes nothing', async ({
  limiter,
}) => {
  const { clock } = limiter;
  const tryAt = sprayFrom(limiter, 'a source with an account');
  let wrong = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    await tryAt('own', turn % 2 === 0);
    await tryAt('own', true);
    if ((await tryAt(`victim-${turn}`)) === 'wrong') wrong += 1;
    clock.advance(SECOND);
  }
  expect(wrong).toBe(20);
});

test('RL-6: of parallel attempts at the last allowance one is verified', async ({ limiter }) => {
  const { clock } = limiter;
  const tryAt = sprayFrom(limiter, 'a parallel source');
  for (let n = 0; n < 19; n += 1) await tryAt(`first-${n}`);
  for (let trial = 0; trial < trialsOr(5); trial += 1) {
    const outcomes = await Promise.all(times(12, (n) => tryAt(`at-once-${trial}-${n}`)));
    expect(outcomes.filter((one) => one === 'wrong')).toHaveLength(1);
    clock.advance(3 * MINUTE);
  }
});

test('the list of accounts of a source that is never quiet is bounded', async ({ limiter }) => {
  const { clock, db } = limiter;
  const tryAt = sprayFrom(limiter, 'a busy source');
  // So that it never empties.
  for (let n = 0; n < 15; n += 1) await tryAt(`first-${n}`);
  for (let n = 0; n < 150; n += 1) {
    await tryAt(`account-${n}`);
    await tryAt(`account-${n}`);
    clock.advance(3 * MINUTE);
  }
  const [row] = await queryDatabase<{ most: number }>(
    db,
    sql`select max(cardinality(members)) as most from ${rateLimitCounters}`,
  );
  expect(row?.most).toBeLessThanOrEqual(100);
  // The newest is known and free, the oldest counts again.
  expect(await tryAt('account-149')).toBe('wrong');
});

test('LO-1: a source that stays at its limit is reported once an allowance, not once an attempt', async ({
  limiter: { rateLimiter, client, clock, closed },
}) => {
  const at = client('198.51.100.1');
  const before = closed.length;
  let allowed = 0;
  for (let minute = 0; minute < 10 * 60; minute += 1) {
    const limits = registrationLimits(PRODUCTION_LIMITS, at);
    if ((await rateLimiter.count(limits, at)).allowed) allowed += 1;
    clock.advance(MINUTE);
  }
  const reports = closed.length - before;
  expect(allowed).toBeGreaterThan(100);
  expect(reports).toBeGreaterThanOrEqual(1);
  expect(reports).toBeLessThanOrEqual(Math.floor(allowed / 10));
});
