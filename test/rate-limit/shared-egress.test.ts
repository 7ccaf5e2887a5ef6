import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
import { sourceOf } from '../../src/kernel/source.ts';
import {
  changeLimits,
  completedSignInLimits,
  limitsOfAccount,
  mailLimits,
  mailProofLimits,
  oauthLimits,
  registrationLimits,
  signInLimits,
  verificationMailLimits,
} from '../../src/rate-limit/limits.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let clock: FakeClock;
let server: TestServer;
const EGRESS = '203.0.113.9';
const RATE_LIMITS = { RATE_LIMITS: '{"exemptSources":["203.0.113.0/28"]}' };

beforeEach(() => {
  clock = createFakeClock();
});
afterEach(() => server.close());

const client = (ipAddress: string) => ({ ipAddress, userAgent: null, requestId: 'a request' });

const login = async (email: string, password: string, address = EGRESS) => {
  const { data } = await server.graphql(LOGIN, { input: { email, password } }, { address });
  return String(data.login.__typename);
};

test('O-2: an exempt source has no limit of the source, and every limit of an account', async () => {
  server = await startTestServer({ clock, env: RATE_LIMITS });
  const { config } = server.app.deps;
  const networks = new Set<string>(sourceOf(client(EGRESS)));
  const ofSource = (address: string) => {
    const at = client(address);
    const mail = { purpose: 'reset-password', email: 'a@example.com' };
    const set = { ...config, mode: 'production' } as const;
    return [
      ...signInLimits(set, at, 'a@example.com', null),
      ...mailProofLimits(set, at),
      ...oauthLimits(set, at, 'start'),
      ...oauthLimits(set, at, 'return'),
      ...oauthLimits(set, at, 'form-post'),
      ...registrationLimits(set, at),
      ...mailLimits(set, at, mail),
      ...verificationMailLimits(set, at, { ...mail, byOwner: true, decoy: false }),
      ...verificationMailLimits(set, at, { ...mail, byOwner: false, decoy: false }),
      ...completedSignInLimits(set, at, { userId: 'anybody', isKnownDevice: false }),
      ...changeLimits(set, at, { userId: 'anybody', sessionId: 'any' }),
    ];
  };
  const exempt = ofSource(EGRESS);
  expect(exempt.filter(({ key: of }) => of.length === 1 && networks.has(of[0] ?? ''))).toEqual([]);
  const others = ofSource('203.0.113.16');
  const kept = others.filter(({ key: of }) => !(of.length === 1 && of[0] === '203.0.113.16'));
  expect(exempt.map(({ rule }) => rule)).toEqual(kept.map(({ rule }) => rule));
  expect(exempt.length).toBeLessThan(others.length);
});

test('O-2: behind an exempt source 60 people mistype and get in; one account still stops at ten', async () => {
  server = await startTestServer({ clock, env: RATE_LIMITS });
  const person = await signUp(server);
  const outcomes = new Set<string>();
  for (let n = 0; n < 60; n += 1) outcomes.add(await login(`p-${n}@example.com`, 'mistyped it'));
  expect([...outcomes]).toEqual(['InvalidCredentialsError']);
  expect(await login(person.email, PASSWORD)).toBe('SignedIn');
  const guesses: string[] = [];
  for (let n = 0; n < 15; n += 1) guesses.push(await login(person.email, `guess number ${n}`));
  expect(guesses.filter((one) => one === 'InvalidCredentialsError')).toHaveLength(10);
  expect(guesses.at(-1)).toBe('RateLimitedError');
});

test('O-2: a raised allowance counts at each width of the network; the others stay', async () => {
  const env = { RATE_LIMITS: '{"registration":{"allowance":40,"period":"30m"}}' };
  server = await startTestServer({ clock, env });
  const { rateLimiter, config } = server.app.deps;
  const set = { ...config, mode: 'production' } as const;
  const spend = async (address: string, count: number) => {
    let allowed = 0;
    for (let n = 0; n < count; n += 1) {
      const at = client(address);
      if ((await rateLimiter.count(registrationLimits(set, at), at)).allowed) allowed += 1;
    }
    return allowed;
  };
  expect(await spend('198.51.100.1', 50)).toBe(40);
  clock.advance(30 * MINUTE);
  expect(await spend('198.51.100.1', 50)).toBe(40);
  const widths = registrationLimits(set, client('2001:db8::1')).map(({ rule }) => rule.allowance);
  expect(widths).toEqual([40, 160, 640]);
  expect(mailProofLimits(set, client('198.51.100.1'))[0]?.rule).toEqual(RULES.mailProof);
});

test('RL-2: a tightened limit of an account holds where it is counted and where a reset forgives it', async () => {
  const env = { RATE_LIMITS: '{"sign-in.account":{"allowance":3}}' };
  server = await startTestServer({ clock, env });
  const person = await signUp(server);
  const guesses: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    guesses.push(await login(person.email, `guess number ${n}`, `198.51.100.${n}`));
  }
  expect(guesses.filter((one) => one === 'InvalidCredentialsError')).toHaveLength(3);
  const { db, rateLimiter, config } = server.app.deps;
  const limits = limitsOfAccount(config, { id: person.userId, email: person.email });
  await run(db, rateLimiter.reset(limits));
  expect(await login(person.email, PASSWORD, '198.51.100.9')).toBe('SignedIn');
});
