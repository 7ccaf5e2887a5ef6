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
import { testWithServer } from '../support/fixture.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import type { TestServer } from '../support/server.ts';

// RL-5 at the limiter's own port: the holder of a network has the allowance of that network, however
// many smaller ones are in it.

const test = testWithServer();

const client = (ipAddress: string) => ({ ipAddress, userAgent: null, requestId: 'a request' });

const hex = (n: number) => n.toString(16);

let networks = 0;
/** A /48 nobody has used yet, and its addresses by the number of their /64. */
function fresh48() {
  networks += 1;
  const prefix = `2001:db8:${hex(networks)}`;
  return (subnet: number, host = 1) => client(`${prefix}:${hex(subnet)}::${hex(host)}`);
}

/** @returns how many of the tries were let through */
async function register(
  server: TestServer,
  from: readonly ReturnType<typeof client>[],
): Promise<number> {
  const { rateLimiter } = server.app.deps;
  let allowed = 0;
  for (const one of from) {
    const charges = registrationLimits(PRODUCTION_LIMITS, one);
    if ((await rateLimiter.count(charges, one)).allowed) allowed += 1;
  }
  return allowed;
}

const times = <T>(count: number, make: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));

test('RL-5: a /64 has one allowance, a /56 that of four and a /48 that of sixteen', async ({
  server,
}) => {
  const at = fresh48();
  // Two hundred and fifty-six hosts of one /64.
  expect(
    await register(
      server,
      times(30, (n) => at(0x0100, n)),
    ),
  ).toBe(10);
  // All the /64s of that /56, twice each.
  expect(
    await register(
      server,
      times(60, (n) => at(0x0101 + (n % 30))),
    ),
  ).toBe(30);
  // A new /64 in each /56 of the /48.
  expect(
    await register(
      server,
      times(200, (n) => at((n + 2) << 8)),
    ),
  ).toBe(120);
  expect(await register(server, [at(0xffff)])).toBe(0);
  // Another /48 has lost nothing.
  expect(await register(server, [fresh48()(0xffff)])).toBe(1);
});

test('RL-5: one /64 that goes on after its allowance takes nothing of its neighbors’', async ({
  server,
}) => {
  const at = fresh48();
  expect(
    await register(
      server,
      times(200, (n) => at(0x0100, n)),
    ),
  ).toBe(10);
  expect(
    await register(
      server,
      times(40, (n) => at(0x0101 + n)),
    ),
  ).toBe(30);
});

test('RL-5: every budget of a source counts all of its networks', () => {
  const at = fresh48()(0x0102);
  const config = PRODUCTION_LIMITS;
  const mail = { purpose: 'reset-password', email: 'a@example.com' };
  const all = {
    signIn: signInLimits(config, at, 'a@example.com', null),
    mailProof: mailProofLimits(config, at),
    oauthStart: oauthLimits(config, at, 'start'),
    oauthReturn: oauthLimits(config, at, 'return'),
    registration: registrationLimits(config, at),
    mail: mailLimits(config, at, mail),
    signIns: completedSignInLimits(config, at, { userId: 'anybody', isKnownDevice: false }),
    change: changeLimits(config, at, { userId: 'anybody', sessionId: 'any' }),
  };
  const wide = Object.values(all).map((charges) =>
    charges.flatMap(({ key: of }) =>
      of.filter((text) => /::\/\d+$/.test(text)).map((text) => text.slice(-3)),
    ),
  );
  const once = ['/64', '/56', '/48'];
  expect(wide).toEqual([[...once, ...once], once, once, once, once, once, once, once]);
  for (const charges of Object.values(all)) {
    const names = charges.map(({ rule: budget }) => budget.name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('RL-5: of the mails that prove one address a /48 causes no more than a /64', () => {
  const at = fresh48()(0x0102);
  const mail = { email: 'a@example.com', byOwner: false, decoy: false };
  const charges = verificationMailLimits(PRODUCTION_LIMITS, at, mail);
  const ofAddress = charges.filter(({ rule: budget }) => budget === RULES.verificationSource);
  expect(ofAddress.map(({ key: [network = ''] }) => network.slice(-3))).toEqual([
    '/64',
    '/56',
    '/48',
  ]);
});
