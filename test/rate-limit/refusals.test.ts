import { expect } from 'vitest';
import { mailLimits, registrationLimits } from '../../src/rate-limit/limits.ts';
import { LIMIT_NAMES } from '../../src/settings/limits.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN } from '../support/journeys.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { testWithLimiter } from './limiter.ts';

testWithLimiter(
  'O-2: refusals are counted by rule: those that no answer shows and those of wide networks among them',
  async ({ limiter: { rateLimiter, client, refusals, wrong } }) => {
    const address = '2001:db8:5::1';
    const spray = Array.from({ length: 23 }, (_, n) => ({
      email: `nobody-${n}@example.com`,
      address,
    }));
    expect(await wrong(spray)).toBe(20);
    // The fourth mail to one address is refused, and the request is answered like the others.
    for (let n = 0; n < 5; n += 1) {
      const mail = { purpose: 'reset-password', email: 'ada@example.com' };
      const from = client(`198.51.100.${n}`);
      await rateLimiter.count(mailLimits(PRODUCTION_LIMITS, from, mail), from);
    }
    // Ten from each of five /64s of one /56, which may do as much as four of them.
    for (let n = 0; n < 5; n += 1) {
      for (let turn = 0; turn < 10; turn += 1) {
        const from = client(`2001:db8:7:${n}::1`);
        await rateLimiter.count(registrationLimits(PRODUCTION_LIMITS, from), from);
      }
    }
    const counts = Map.groupBy(refusals, (rule) => rule);
    const counted = Object.fromEntries([...counts].map(([rule, all]) => [rule, all.length]));
    expect(counted).toEqual({ 'sign-in.spray': 3, 'mail.burst': 2, registration: 10 });
  },
);

const testWithMetrics = testWithServer({
  clock: createFakeClock(),
  env: { METRICS_PORT: '9464' },
});

testWithMetrics('O-2: a scrape reads the refusals of each rule', async ({ server }) => {
  for (let n = 0; n < 23; n += 1) {
    const input = { email: `nobody-${n}@example.com`, password: 'wrong' };
    await server.graphql(LOGIN, { input }, { address: '203.0.113.5' });
  }
  const { text } = (await server.app.metrics?.read()) ?? { text: '' };
  const lines = text.matchAll(
    /^latchkey_rate_limit_refusals_total\{limit="([^"]*)"[^}]*\} (\d+)$/gm,
  );
  const counted = Object.fromEntries([...lines].map(([, rule, count]) => [rule, Number(count)]));
  expect(counted).toMatchObject({ 'sign-in.spray': 3 });
  const names: readonly string[] = LIMIT_NAMES;
  expect(Object.keys(counted).filter((rule) => !names.includes(rule))).toEqual([]);
});
