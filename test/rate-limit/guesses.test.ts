import { sql } from 'drizzle-orm';
import { expect, vi } from 'vitest';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { ServerBusyError } from '../../src/kernel/errors.ts';
import { signInLimits } from '../../src/rate-limit/limits.ts';
import { queryDatabase } from '../support/query-database.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { trialsOr } from '../support/trials.ts';
import { startLimiter, testWithLimiter as test, times } from './limiter.ts';

// A test that is cut off goes on and moves the clock of the others.
vi.setConfig({ testTimeout: 120_000 });

// The limits of a sign-in at the limiter's own port. sign-in.test.ts has one case of each through the API.

test('RL-2: of 1,000 guesses at one account from 1,000 addresses in an hour at most 20 are verified, and the right one among them is refused', async ({
  limiter: { signIn, clock },
}) => {
  let verified = 0;
  for (let guess = 0; guess < 1000; guess += 1) {
    const { outcome } = await signIn({ email: 'guessed@example.com', isRight: guess === 500 });
    expect(outcome).not.toBe('right');
    if (outcome === 'wrong') verified += 1;
    clock.advance((HOUR - SECOND) / 1000);
  }
  expect(verified).toBeGreaterThanOrEqual(10);
  expect(verified).toBeLessThanOrEqual(20);
});

test('RL-2: ten failures are free, then the waits grow from 30 seconds to an hour, and the account is never locked', async ({
  limiter: { signIn, wrong, clock },
}) => {
  const email = 'waits@example.com';
  expect(await wrong(times(10, () => ({ email })))).toBe(10);
  const waits: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const refused = await signIn({ email, isRight: true });
    expect(refused.outcome).toBe('refused');
    waits.push(refused.retryAfterSeconds);
    clock.advance(refused.retryAfterSeconds * SECOND);
    expect((await signIn({ email })).outcome).toBe('wrong');
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  clock.advance(HOUR);
  expect((await signIn({ email, isRight: true })).outcome).toBe('right');
});

test('RL-10: one success ends the failures in a row', async ({ limiter: { signIn, wrong } }) => {
  const email = 'series@example.com';
  for (let series = 0; series < 3; series += 1) {
    expect(await wrong(times(9, () => ({ email })))).toBe(9);
    expect((await signIn({ email, isRight: true })).outcome).toBe('right');
  }
});

test('RL-2: no more than 100 failures in a row are ever verified', async ({
  limiter: { signIn, clock },
}) => {
  let verified = 0;
  for (let hour = 0; hour < 200; hour += 1) {
    if ((await signIn({ email: 'patient@example.com' })).outcome === 'wrong') verified += 1;
    clock.advance(HOUR);
  }
  expect(verified).toBe(100);
});

test('RL-2: a clock that is set back closes no limit that was open', async ({
  limiter: { signIn, clock },
}) => {
  const at = { email: 'back@example.com', address: '203.0.113.9' };
  await signIn(at);
  expect((await signIn({ ...at, isRight: true })).outcome).toBe('right');
  await signIn(at);
  clock.advance(-HOUR);
  expect((await signIn({ ...at, isRight: true })).outcome).toBe('right');
  clock.advance(HOUR);
});

test('RL-3: while strangers close an account’s limit, a known device gets in, 20 of 20 times', async ({
  limiter: { signIn, wrong, clock },
}) => {
  const email = 'owner@example.com';
  const device = { id: 'a device of the owner', issuedAt: clock.now() };
  await wrong(times(12, () => ({ email })));
  expect((await signIn({ email, isRight: true })).outcome).toBe('refused');
  for (let n = 0; n < 20; n += 1) {
    await signIn({ email });
    expect((await signIn({ email, isRight: true, device })).outcome).toBe('right');
    if (n % 5 === 0) clock.advance(SECOND);
  }
  // The success of a device is not one of the strangers: they still wait.
  expect((await signIn({ email, isRight: true })).outcome).toBe('refused');
});

test('RL-3: a stolen device token buys ten guesses beside a stranger’s ten, not an unlimited number', async ({
  limiter: { signIn, wrong, clock },
}) => {
  const email = 'stolen@example.com';
  const device = { id: 'a stolen device', issuedAt: clock.now() };
  expect(await wrong(times(10, () => ({ email, device })))).toBe(10);
  // Those ten were the device's own: a stranger still has ten.
  expect((await signIn({ email, isRight: true })).outcome).toBe('right');
  expect(await wrong(times(15, () => ({ email, device })))).toBe(10);
});

test('RL-4: one password sprayed over 1,000 accounts from one address stops at 20', async ({
  limiter: { signIn, wrong },
}) => {
  const address = '203.0.113.20';
  const spray = times(1000, (n) => ({ email: `victim-${n}@example.com`, address }));
  expect(await wrong(spray)).toBe(20);
  // Accounts whose attempts were refused have lost nothing, however often they were aimed at.
  await wrong(times(20, () => ({ email: 'victim-999@example.com', address })));
  expect((await signIn({ email: 'victim-999@example.com' })).outcome).toBe('wrong');
});

test('RL-4: a spray in parallel gets no further', async ({ limiter: { signIn } }) => {
  const address = '203.0.113.21';
  const outcomes = await Promise.all(
    times(60, (n) => signIn({ email: `target-${n}@example.com`, address })),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(20);
});

test('RL-4: bursts of right passwords at the sprayer’s own account do not reset the spray limit', async ({
  limiter: { signIn, wrong },
}) => {
  const address = '203.0.113.22';
  let aim = 0;
  const spray = (accounts: number) =>
    wrong(times(accounts, () => ({ email: `aim-${aim++}@example.com`, address })));
  let verified = await spray(15);
  for (let burst = 0; burst < 4; burst += 1) {
    // All are under way at once: the first is counted, the others are of an account known by then.
    const own = { email: 'sprayer@example.com', address, isRight: true };
    const outcomes = await Promise.all(times(5, () => signIn(own)));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(5).fill('right'));
  }
  verified += await spray(25);
  expect(verified).toBe(20);
});

test('RL-4: 200 people behind one address sign in within a minute, one in ten after a mistake', async ({
  limiter: { signIn, clock },
}) => {
  const address = '203.0.113.77';
  const people = times(200, (n) => n);
  let signedIn = 0;
  const worker = async () => {
    for (let n = people.shift(); n !== undefined; n = people.shift()) {
      const email = `office-${n}@example.com`;
      if (n % 10 === 0) await signIn({ email, address });
      if ((await signIn({ email, address, isRight: true })).outcome === 'right') signedIn += 1;
      clock.advance(300);
    }
  };
  await Promise.all(times(20, worker));
  expect(signedIn).toBeGreaterThanOrEqual(198);
});

test('RL-4: 60 people behind one address who sign in at the same moment wait for each other and all get in', async ({
  limiter: { signIn },
}) => {
  const address = '203.0.113.79';
  const outcomes = await Promise.all(
    times(60, (n) => signIn({ email: `meeting-${n}@example.com`, address, isRight: true })),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'right')).toHaveLength(60);
});

test('RL-6: fifty wrong passwords at once never exceed the limit', async ({
  limiter: { signIn },
}) => {
  for (let run = 0; run < trialsOr(5); run += 1) {
    const email = `parallel-${run}@example.com`;
    const outcomes = await Promise.all(times(50, () => signIn({ email })));
    expect(outcomes.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(10);
  }
});

test('RL-7: two instances on one database share their counters', async ({
  limiter: { signIn, createLimiter },
}) => {
  const email = 'shared@example.com';
  const second = createLimiter();
  for (let n = 0; n < 5; n += 1) expect((await signIn({ email })).outcome).toBe('wrong');
  for (let n = 0; n < 5; n += 1) expect((await signIn({ email }, second)).outcome).toBe('wrong');
  expect((await signIn({ email, isRight: true })).outcome).toBe('refused');
  expect((await signIn({ email, isRight: true }, second)).outcome).toBe('refused');
});

test('RL-11: an address without an account is refused exactly as one with an account', async ({
  limiter: { signIn },
}) => {
  const trace = async (email: string) => {
    const seen = [];
    for (let n = 0; n < 14; n += 1) seen.push(await signIn({ email }));
    return seen;
  };
  expect(await trace('nobody@example.com')).toEqual(await trace('somebody@example.com'));
});

test('LO-1: a limit that closes with an attempt which another limit refuses is reported, too', async () => {
  const { signIn, closed, close } = await startLimiter();
  for (let n = 0; n < 110; n += 1)
    await signIn({ email: 'hammered@example.com', address: '203.0.113.78' });
  expect(closed.toSorted()).toEqual(['sign-in.account', 'sign-in.source']);
  await close();
});

test('LO-1: a limit that stays closed is reported once, not at every refusal', async ({
  limiter: { closed, wrong },
}) => {
  const before = closed.length;
  await wrong(times(30, () => ({ email: 'reported@example.com' })));
  expect(closed.slice(before)).toEqual(['sign-in.account']);
});

test('O-2: 30 people behind one address mistype and give up; 30 others with right passwords get in within three minutes', async ({
  limiter: { signIn, wrong, clock },
}) => {
  const address = '203.0.113.90';
  await wrong(times(30, (n) => ({ email: `mistyped-${n}@example.com`, address })));
  let waiting = times(30, (n) => `right-${n}@example.com`);
  let minutes = 0;
  // Everyone tries again after a minute.
  for (; waiting.length > 0 && minutes < 90; minutes += 1) {
    const refused: string[] = [];
    for (const email of waiting) {
      const { outcome } = await signIn({ email, address, isRight: true });
      if (outcome !== 'right') refused.push(email);
    }
    waiting = refused;
    clock.advance(MINUTE);
  }
  expect(waiting).toEqual([]);
  expect(minutes - 1).toBeLessThanOrEqual(3);
});

/** The known devices of an account, as their tokens name them. */
const devicesOf = (email: string, count: number, issuedAt: Date) =>
  times(count, (n) => ({ id: `device ${n} of ${email}`, issuedAt }));

test('RL-2: many stolen device tokens buy the devices’ thirty guesses and a stranger’s ten, no more', async ({
  limiter: { wrong, clock },
}) => {
  const email = 'pile@example.com';
  const stolen = devicesOf(email, 10, clock.now());
  let verified = 0;
  for (const device of stolen) verified += await wrong(times(10, () => ({ email, device })));
  verified += await wrong(times(10, () => ({ email })));
  expect(verified).toBe(40);
  // Both waits have passed once: one more guess each.
  clock.advance(MINUTE);
  for (const device of stolen) verified += await wrong(times(2, () => ({ email, device })));
  expect(verified).toBe(42);
});

test('RL-6: fifty wrong passwords at once with many device tokens get no further', async ({
  limiter: { signIn, clock },
}) => {
  const email = 'pile-at-once@example.com';
  const stolen = devicesOf(email, 10, clock.now());
  const outcomes = await Promise.all(
    times(50, (n) => signIn({ email, ...(stolen[n % 10] && { device: stolen[n % 10] }) })),
  );
  const verified = outcomes.filter(({ outcome }) => outcome === 'wrong');
  expect(verified.length).toBeLessThanOrEqual(40);
});

test('RL-3: a known device is never worse off than an unknown one, even after it used up its own limit', async ({
  limiter: { signIn, wrong, clock },
}) => {
  const email = 'mistyped@example.com';
  const [device] = devicesOf(email, 1, clock.now());
  const own = { email, isRight: true, ...(device && { device }) };
  await wrong(times(10, () => ({ ...own, isRight: false })));
  expect((await signIn(own)).outcome).toBe('right');
  // That success ended its failures in a row: strangers cannot make the device wait (RL-10).
  await wrong(times(12, () => ({ email })));
  expect((await signIn({ email, isRight: true })).outcome).toBe('refused');
  expect((await signIn(own)).outcome).toBe('right');
});

test('RL-3: an attempt of a device that fell back to the limits of a stranger and was never verified costs neither anything', async ({
  limiter: { rateLimiter, signIn, wrong, client, db, clock },
}) => {
  const email = 'fallback@example.com';
  const [own, ...stolen] = devicesOf(email, 4, clock.now());
  for (const device of stolen) await wrong(times(10, () => ({ email, device })));
  const limits = signInLimits(PRODUCTION_LIMITS, client('192.0.2.7'), email, own ?? null);
  const total = async () => {
    const [row] = await queryDatabase<{ n: number }>(
      db,
      sql`select sum(tries)::int as n from ${rateLimitCounters}`,
    );
    return row?.n;
  };
  const before = await total();
  let begun = 0;
  const busy = async () => {
    begun += 1;
    throw new ServerBusyError(1);
  };
  for (let n = 0; n < 30; n += 1) {
    const attempt = rateLimiter.attempt(limits, { client: client() }, busy);
    await expect(attempt).rejects.toThrow(ServerBusyError);
  }
  expect(begun).toBe(30);
  expect(await total()).toBe(before);
  expect((await signIn({ email, isRight: true, ...(own && { device: own }) })).outcome).toBe(
    'right',
  );
});

test('an attempt that was never counted is not confirmed, whatever its work returns', async ({
  limiter: { rateLimiter, client },
}) => {
  const limits = signInLimits(PRODUCTION_LIMITS, client(), 'uncounted@example.com', null);
  const uncounted = rateLimiter.withAttempt(limits, { client: client() }, async () => 'signed in');
  await expect(uncounted).rejects.toThrow(TypeError);
});

test('RL-6: rules of one name and different allowances each keep their own', async ({
  limiter: { attempt },
}) => {
  const refused = async (allowance: number) => {
    const limit = { rule: { name: 'one name', allowance, period: MINUTE }, key: [`${allowance}`] };
    let refusals = 0;
    for (let n = 0; n < 4; n += 1)
      if ((await attempt([limit], false)).outcome === 'refused') refusals += 1;
    return refusals;
  };
  expect(await refused(2)).toBe(2);
  expect(await refused(3)).toBe(1);
});
