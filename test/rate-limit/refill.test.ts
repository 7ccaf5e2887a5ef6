import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { RateLimitedError } from '../../src/kernel/errors.ts';
import { InvalidCredentialsError } from '../../src/proofs/password/errors.ts';
import { registrationLimits } from '../../src/rate-limit/limits.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';

// O-2 at the limiter's own port: limits of a source refill evenly, and allow no more in an hour than a
// window of an hour did.
let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

const CLIENT = { ipAddress: '203.0.113.9', userAgent: null, requestId: 'a request' };
const SPRAY = RULES.signInSpray;

/** One try at one account from one source. */
async function tryAt(member: string, isRight = false): Promise<'in' | 'wrong' | 'refused'> {
  const charges = [{ rule: SPRAY, key: [CLIENT.ipAddress], member }];
  try {
    await server.app.deps.rateLimiter.attempt(charges, { client: CLIENT }, async () => {
      if (!isRight) throw new InvalidCredentialsError();
    });
    return 'in';
  } catch (error) {
    if (error instanceof RateLimitedError) return 'refused';
    if (error instanceof InvalidCredentialsError) return 'wrong';
    throw error;
  }
}

test('RL-4: whoever sprays without a pause gets 20 at once, then one each three minutes; no hour has more than 40', async () => {
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
  process.stdout.write(
    `RL-4: the worst hour has ${anyHour} accounts, each later one ${laterHours.join(', ')}\n`,
  );
  expect(within(startedAt)).toBeLessThan(40);
  expect(anyHour).toBeLessThanOrEqual(40);
  expect(Math.max(...laterHours)).toBeLessThanOrEqual(20);
}, 120_000);

test('RL-4: an account of one’s own earns no more tries: signing in to it between the guesses changes nothing', async () => {
  let wrong = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    await tryAt('own', turn % 2 === 0);
    await tryAt('own', true);
    if ((await tryAt(`victim-${turn}`)) === 'wrong') wrong += 1;
    clock.advance(SECOND);
  }
  expect(wrong).toBe(20);
});

test('RL-6: parallel tries when one place is left: one of them is looked at', async () => {
  for (let n = 0; n < 19; n += 1) await tryAt(`first-${n}`);
  for (let trial = 0; trial < trialsOr(5); trial += 1) {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => tryAt(`at-once-${trial}-${n}`)),
    );
    expect(outcomes.filter((one) => one === 'wrong')).toHaveLength(1);
    clock.advance(3 * MINUTE);
  }
});

test('the list of accounts of a source that is never quiet has an end', async () => {
  // So that it never empties.
  for (let n = 0; n < 15; n += 1) await tryAt(`first-${n}`);
  for (let n = 0; n < 150; n += 1) {
    await tryAt(`account-${n}`);
    await tryAt(`account-${n}`);
    clock.advance(3 * MINUTE);
  }
  const [row] = await server.app.deps.db.select().from(rateLimitCounters);
  expect(row?.members.length).toBeLessThanOrEqual(100);
  // The newest is known and free, the oldest counts again.
  expect(await tryAt('account-149')).toBe('wrong');
});

test('LO-1: a source that stays at its limit is written down once an allowance, not once a try', async () => {
  const at = (n: number) =>
    registrationLimits(PRODUCTION_LIMITS, { ...CLIENT, ipAddress: `198.51.100.${n}` });
  let allowed = 0;
  for (let minute = 0; minute < 10 * 60; minute += 1) {
    if ((await server.app.deps.rateLimiter.count(at(1), CLIENT)).allowed) allowed += 1;
    clock.advance(MINUTE);
  }
  const { db } = server.app.deps;
  const events = await db.$count(auditEvents, eq(auditEvents.type, 'RATE_LIMITED'));
  expect(allowed).toBeGreaterThan(100);
  expect(events).toBeGreaterThanOrEqual(1);
  expect(events).toBeLessThanOrEqual(Math.floor(allowed / 10));
});

test('O-2: 30 people behind one address mistype and give up; 30 others with right passwords get in', async () => {
  const address = CLIENT.ipAddress;
  const people = [];
  for (let n = 0; n < 30; n += 1) people.push(await signUp(server));
  const login = async (email: string, password: string) => {
    const { data } = await server.graphql(LOGIN, { input: { email, password } }, { address });
    return { outcome: String(data.login.__typename), retry: data.login.retryAfterSeconds };
  };
  for (let n = 0; n < 30; n += 1) await login(`mistyped-${n}@example.com`, 'a slip of the finger');
  const startedAt = clock.now().getTime();
  const gotInAfter: number[] = [];
  let waiting = people.map(({ email }) => email);
  let firstWait: number | null = null;
  // Each asks again when the answer said so; a minute is as good as a second here.
  for (let minute = 0; minute < 90 && waiting.length > 0; minute += 1) {
    const refused: string[] = [];
    for (const email of waiting) {
      const { outcome, retry } = await login(email, PASSWORD);
      firstWait ??= retry ?? null;
      if (outcome === 'SignedIn') gotInAfter.push((clock.now().getTime() - startedAt) / MINUTE);
      else refused.push(email);
    }
    waiting = refused;
    clock.advance(MINUTE);
  }
  process.stdout.write(
    `O-2: the first is told to wait ${firstWait} s; ${gotInAfter.length} of 30 are in after ${Math.max(...gotInAfter)} min\n`,
  );
  expect(gotInAfter).toHaveLength(30);
  expect(Math.max(...gotInAfter)).toBeLessThanOrEqual(3);
}, 60_000);
