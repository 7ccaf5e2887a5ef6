import { expect } from 'vitest';
import {
  changeLimits,
  completedSignInLimits,
  mailLimits,
  mailProofLimits,
  oauthLimits,
  registrationLimits,
  signInLimits,
  verificationMailLimits,
} from '../../src/rate-limit/limits.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { type TestLimiter, testWithLimiter as test, times } from './limiter.ts';

// RL-5 at the limiter's own port: the holder of a network has the allowance of that network, however
// many smaller ones are in it.

const client = (ipAddress: string) => ({ ipAddress, userAgent: null, requestId: 'a request' });

const hex = (n: number) => n.toString(16);

let networks = 0;
/** A /48 nobody has used yet, and its addresses by the number of their /64. */
function fresh48() {
  networks += 1;
  const prefix = `2001:db8:${hex(networks)}`;
  return (subnet: number, host = 1) => client(`${prefix}:${hex(subnet)}::${hex(host)}`);
}

/** @returns how many of these registrations were allowed */
async function registered(
  { rateLimiter }: TestLimiter,
  from: readonly ReturnType<typeof client>[],
): Promise<number> {
  let allowed = 0;
  for (const one of from) {
    const limits = registrationLimits(PRODUCTION_LIMITS, one);
    if ((await rateLimiter.count(limits, one)).allowed) allowed += 1;
  }
  return allowed;
}

test('RL-5: a /64 has one allowance, a /56 that of four and a /48 that of sixteen', async ({
  limiter,
}) => {
  const at = fresh48();
  // Two hundred and fifty-six hosts of one /64.
  expect(
    await registered(
      limiter,
      times(30, (n) => at(0x0100, n)),
    ),
  ).toBe(10);
  // All the /64s of that /56, twice each.
  expect(
    await registered(
      limiter,
      times(60, (n) => at(0x0101 + (n % 30))),
    ),
  ).toBe(30);
  // A new /64 in each /56 of the /48.
  expect(
    await registered(
      limiter,
      times(200, (n) => at((n + 2) << 8)),
    ),
  ).toBe(120);
  expect(await registered(limiter, [at(0xffff)])).toBe(0);
  // Another /48 has lost nothing.
  expect(await registered(limiter, [fresh48()(0xffff)])).toBe(1);
});

test('RL-5: a /64 that goes on after its allowance uses up nothing of its neighbors’', async ({
  limiter,
}) => {
  const at = fresh48();
  expect(
    await registered(
      limiter,
      times(200, (n) => at(0x0100, n)),
    ),
  ).toBe(10);
  expect(
    await registered(
      limiter,
      times(40, (n) => at(0x0101 + n)),
    ),
  ).toBe(30);
});

test('RL-5: every limit of a source counts all of its networks', () => {
  const at = fresh48()(0x0102);
  const config = PRODUCTION_LIMITS;
  const mail = { purpose: 'reset-password', email: 'a@example.com' };
  const all = {
    signIn: signInLimits(config, at, 'a@example.com', null),
    mailProof: mailProofLimits(config, at),
    oauthStart: oauthLimits(config, at, 'start'),
    oauthReturn: oauthLimits(config, at, 'return'),
    oauthFormPost: oauthLimits(config, at, 'form-post'),
    registration: registrationLimits(config, at),
    mail: mailLimits(config, at, mail),
    signIns: completedSignInLimits(config, at, { userId: 'anybody', isKnownDevice: false }),
    change: changeLimits(config, at, { userId: 'anybody', sessionId: 'any' }),
  };
  const wide = Object.values(all).map((limits) =>
    limits.flatMap(({ key }) =>
      key.filter((text) => /::\/\d+$/.test(text)).map((text) => text.slice(-3)),
    ),
  );
  const once = ['/64', '/56', '/48'];
  expect(wide).toEqual([[...once, ...once], once, once, once, once, once, once, once, once]);
  for (const limits of Object.values(all)) {
    const names = limits.map(({ rule }) => rule.name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('RL-5: of the mails that prove one address a /48 causes no more than a /64', () => {
  const at = fresh48()(0x0102);
  const mail = { email: 'a@example.com', byOwner: false, decoy: false };
  const limits = verificationMailLimits(PRODUCTION_LIMITS, at, mail);
  const ofAddress = limits.filter(({ rule }) => rule === RULES.verificationSource);
  expect(ofAddress.map(({ key: [network = ''] }) => network.slice(-3))).toEqual([
    '/64',
    '/56',
    '/48',
  ]);
});
