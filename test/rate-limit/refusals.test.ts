import { expect } from 'vitest';
import { LIMIT_NAMES } from '../../src/settings/limits.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, REGISTER } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer({ clock: createFakeClock(), env: { METRICS_PORT: '9464' } });

/** Refusals by limit, as a scrape reads them. */
async function refusals(server: TestServer): Promise<Readonly<Record<string, number>>> {
  const { text } = (await server.app.metrics?.read()) ?? { text: '' };
  const lines = text.matchAll(
    /^latchkey_rate_limit_refusals_total\{limit="([^"]*)"[^}]*\} (\d+)$/gm,
  );
  return Object.fromEntries([...lines].map(([, limit, count]) => [limit, Number(count)]));
}

test('O-2: refusals are counted by limit, those that nobody is told of and those of wide networks among them', async ({
  server,
}) => {
  const address = '2001:db8:5::1';
  for (let n = 0; n < 23; n += 1) {
    const input = { email: `nobody-${n}@example.com`, password: 'wrong' };
    await server.graphql(LOGIN, { input }, { address });
  }
  // The fourth mail to one address waits; the eleventh of the day is refused, and answered like the others.
  const RESET = `mutation ($input: RequestPasswordResetInput!) {
    requestPasswordReset(input: $input) { __typename } }`;
  for (let n = 0; n < 5; n += 1) {
    const input = { email: 'ada@example.com' };
    await server.graphql(RESET, { input }, { address: `198.51.100.${n}` });
  }
  // Twelve from each /64 of one /56, which may do as much as four of them.
  for (let n = 0; n < 5; n += 1) {
    for (let turn = 0; turn < 10; turn += 1) {
      const input = { email: `new-${n}-${turn}@example.com`, password: PASSWORD };
      await server.graphql(REGISTER, { input }, { address: `2001:db8:7:${n}::1` });
    }
  }
  const counted = await refusals(server);
  expect(counted).toMatchObject({ 'sign-in.spray': 3, 'mail.burst': 2, registration: 10 });
  const names: readonly string[] = LIMIT_NAMES;
  expect(Object.keys(counted).filter((limit) => !names.includes(limit))).toEqual([]);
});
