import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/db/executor.ts';
import { transaction } from '../../../src/db/transaction.ts';
import { login } from '../../../src/journeys/sign-in/login.ts';
import { HOUR, MINUTE } from '../../../src/kernel/duration.ts';
import { lockRegistrations } from '../../../src/registration/store.ts';
import { mintAccountToken } from '../../../src/registration/token.ts';
import { createFakeClock } from '../../support/clock.ts';
import { refresh } from '../../support/journeys.ts';
import { mailsSettled } from '../../support/outbox.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { trialsOr } from '../../support/trials.ts';
import { until } from '../../support/until.ts';
import { askForReset, isSignedIn, mailTitled, RESET, TITLES, typeOf } from '../account-care.ts';
import { type Browser, browser, createWorld, OWN, THEIRS, type World } from './world.ts';

/**
 * PR-11: a password counts only if it came from the same browser as the proof of the address, or is typed with
 * the proof. P is the person, A somebody else; L a link, C a code; `own` is the browser that registered,
 * `other` another device.
 */
const clock = createFakeClock();
let server: TestServer;
let optional: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock });
  optional = await startTestServer({ clock, env: { EMAIL_VERIFICATION: 'optional' } });
});
afterAll(() => Promise.all([server.close(), optional.close()]));

const world = (on: TestServer = server) => createWorld(on, () => clock.advance(1));

/** A scenario: what happens and what it leads to. `opens` names whose password signs in afterwards. */
type Scenario = readonly [
  name: string,
  run: (w: World) => Promise<string>,
  comes: string,
  opens: string,
];

const registered = async (w: World, ...passwords: readonly (readonly [Browser, string])[]) => {
  for (const [by, password] of passwords) await w.register(by, password);
  for (const number of passwords.keys()) await w.mail(Math.min(number + 1, 3));
};
const strangers = (count: number) => Array.from({ length: count }, browser);

const SCENARIOS: readonly Scenario[] = [
  [
    'P registers: L, own browser',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'P registers: C, own browser',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.open(w.own, { code: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'P registers: L, other device',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.open(w.other, { link: await w.mail(1) });
    },
    'PasswordNeeded',
    'nobody’s',
  ],
  [
    'P registers: L, other device, with a password',
    async (w) => {
      await registered(w, [w.own, THEIRS]);
      expect(await w.open(w.other, { link: await w.mail(1) })).toBe('PasswordNeeded');
      expect(await w.open(w.other, { link: await w.mail(1) }, 'password')).toBe(
        'WeakPasswordError',
      );
      return await w.open(w.other, { link: await w.mail(1) }, OWN);
    },
    'SignedIn',
    'own',
  ],
  [
    'P registers: C, other device',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.open(w.other, { code: await w.mail(1) }, OWN);
    },
    'InvalidTokenError',
    'nobody’s',
  ],
  [
    'A before P: P’s L, own browser',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      return await w.open(w.own, { link: await w.mail(2) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A before P: P’s C, own browser',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      return await w.open(w.own, { code: await w.mail(2) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A before P: A’s mail, L on another device',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      return await w.open(w.other, { link: await w.mail(1) });
    },
    'PasswordNeeded',
    'nobody’s',
  ],
  [
    'A before P: A’s mail, L in P’s browser',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A before P: A’s C in P’s browser',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      return await w.open(w.own, { code: await w.mail(1) });
    },
    'InvalidTokenError',
    'nobody’s',
  ],
  [
    'A between registration and click: P’s L',
    async (w) => {
      await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A between, P asks for another mail: its L, own browser',
    async (w) => {
      await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
      await w.resend(w.own);
      return await w.open(w.own, { link: await w.mail(3) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A between, P asks for another mail: its L, other device',
    async (w) => {
      await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
      await w.resend(w.own);
      return await w.open(w.other, { link: await w.mail(3) });
    },
    'PasswordNeeded',
    'nobody’s',
  ],
  [
    'somebody asks for another mail without a token: L alone, no code',
    async (w) => {
      await registered(w, [w.own, OWN]);
      await w.resend(w.attacker);
      const mail = await w.mail(2);
      expect(mail.code).toBe('');
      expect(await w.open(w.other, { link: mail })).toBe('PasswordNeeded');
      return await w.open(w.own, { link: mail });
    },
    'SignedIn',
    'own',
  ],
  [
    'A after P’s activation: A’s L',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      expect(await w.open(w.own, { link: await w.mail(2) })).toBe('SignedIn');
      return await w.open(w.attacker, { link: await w.mail(1) }, THEIRS);
    },
    'InvalidTokenError',
    'own',
  ],
  [
    'A after P’s activation: A’s C',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      expect(await w.open(w.own, { link: await w.mail(2) })).toBe('SignedIn');
      return await w.open(w.attacker, { code: await w.mail(1) });
    },
    'InvalidTokenError',
    'own',
  ],
  [
    'A after P’s activation: A’s login with token and password',
    async (w) => {
      await registered(w, [w.attacker, THEIRS], [w.own, OWN]);
      expect(await w.open(w.own, { link: await w.mail(2) })).toBe('SignedIn');
      return await w.login(w.attacker, THEIRS);
    },
    'EmailVerificationRequired',
    'own',
  ],
  ...(['newest L', 'oldest L', 'newest C', 'oldest C'] as const).map(
    (which): Scenario => [
      `P presses five times: ${which}`,
      async (w) => {
        await registered(w, ...strangers(5).map(() => [w.own, OWN] as const));
        const mail = await w.mail(which.startsWith('newest') ? 3 : 1);
        return await w.open(w.own, which.endsWith('L') ? { link: mail } : { code: mail });
      },
      'SignedIn',
      'own',
    ],
  ),
  ...(['L', 'C'] as const).map(
    (which): Scenario => [
      `P, two resends, P: the newest ${which}`,
      async (w) => {
        await registered(w, [w.own, OWN]);
        for (let turn = 0; turn < 2; turn += 1) await w.resend(w.own);
        await w.register(w.own, OWN);
        const mail = await w.mail(3);
        return await w.open(w.own, which === 'L' ? { link: mail } : { code: mail });
      },
      'SignedIn',
      'own',
    ],
  ),
  ...(['L, own browser', 'C, own browser', 'L, other device'] as const).map(
    (which): Scenario => [
      `six registrations of A after P’s: P’s ${which}`,
      async (w) => {
        await registered(w, [w.own, OWN]);
        const mail = await w.mail(1);
        for (const one of strangers(6)) await w.register(one, THEIRS);
        const by = which.endsWith('device') ? w.other : w.own;
        return await w.open(by, which.startsWith('L') ? { link: mail } : { code: mail });
      },
      'PasswordNeeded',
      'nobody’s',
    ],
  ),
  [
    'six registrations of A after P’s: P’s login',
    async (w) => {
      await registered(w, [w.own, OWN]);
      for (const one of strangers(6)) await w.register(one, THEIRS);
      return await w.login(w.own, OWN);
    },
    'EmailVerificationRequired',
    'nobody’s',
  ],
  [
    'six registrations of A after P’s, P registers again: P’s first L',
    async (w) => {
      await registered(w, [w.own, OWN]);
      for (const one of strangers(6)) await w.register(one, THEIRS);
      await w.register(w.own, OWN);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A asks for ten mails from one source before P: P’s L leaves when the burst opens',
    async (w) => {
      for (let turn = 0; turn < 10; turn += 1) await w.register({ ...w.attacker }, THEIRS);
      await w.mail(3);
      await w.register(w.own, OWN);
      await mailsSettled(server);
      clock.advance(15 * MINUTE);
      const mail = await w.mail(4);
      expect(mail.code).toBe('');
      return await w.open(w.own, { link: mail });
    },
    'SignedIn',
    'own',
  ],
  [
    'A asks for ten mails from four sources before P: A’s mail in P’s browser',
    async (w) => {
      for (const one of [...strangers(4), ...strangers(4), ...strangers(4)])
        await w.register(one, THEIRS);
      await w.register(w.own, OWN);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'A copies P’s token and registers another password with it: P’s L',
    async (w) => {
      await registered(w, [w.own, OWN]);
      await w.register({ ...w.own, source: w.attacker.source }, THEIRS);
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'PasswordNeeded',
    'nobody’s',
  ],
  [
    'A copies P’s token and opens nothing: P’s L',
    async (w) => {
      await registered(w, [w.own, OWN]);
      const copy = { source: w.attacker.source, token: w.own.token };
      expect(await w.login(copy, THEIRS)).toBe('InvalidCredentialsError');
      return await w.open(w.own, { link: await w.mail(1) });
    },
    'SignedIn',
    'own',
  ],
  [
    'a reset while P waits: its L, other device, with a password',
    async (w) => {
      await registered(w, [w.own, THEIRS]);
      await w.askForReset(w.other);
      const mail = await w.mail(2);
      expect(mail.code).toBe('');
      expect(await w.open(w.other, { link: mail })).toBe('PasswordNeeded');
      return await w.open(w.other, { link: mail }, OWN);
    },
    'SignedIn',
    'own',
  ],
  [
    'a reset while P waits: its L, own browser',
    async (w) => {
      await registered(w, [w.own, OWN]);
      await w.askForReset(w.other);
      return await w.open(w.own, { link: await w.mail(2) });
    },
    'SignedIn',
    'own',
  ],
  [
    'login while waiting: own browser, right',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.login(w.own, OWN);
    },
    'EmailVerificationRequired',
    'nobody’s',
  ],
  [
    'login while waiting: own browser, wrong',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.login(w.own, THEIRS);
    },
    'InvalidCredentialsError',
    'nobody’s',
  ],
  [
    'login while waiting: other device, right',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.login(w.other, OWN);
    },
    'InvalidCredentialsError',
    'nobody’s',
  ],
  [
    'login while waiting: other device, wrong',
    async (w) => {
      await registered(w, [w.own, OWN]);
      return await w.login(w.other, THEIRS);
    },
    'InvalidCredentialsError',
    'nobody’s',
  ],
];

describe('PR-11: who activates what', () => {
  test.each(SCENARIOS)('%s', async (_, run, comes, opens) => {
    const w = world();
    expect({ comes: await run(w), opens: await w.passwords() }).toEqual({ comes, opens });
  });
});

describe('PR-11: concurrent requests', () => {
  test('two submissions with one token are one registration, and the link of either mail activates it', async () => {
    for (let turn = 0; turn < trialsOr(5); turn += 1) {
      const w = world();
      await registered(w, [w.own, OWN]);
      const { token } = w.own;
      const answers = await Promise.all([w.register(w.own, OWN), w.register(w.own, OWN)]);
      expect(answers.map((one) => one.registrationToken)).toEqual([token, token]);
      expect(await w.open(w.own, { link: await w.mail(turn % 2 === 0 ? 2 : 3) })).toBe('SignedIn');
      expect(await w.passwords()).toBe('own');
    }
  });

  test('of ten concurrent proofs of one address, one creates the account', async () => {
    for (let turn = 0; turn < trialsOr(5); turn += 1) {
      const w = world();
      await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
      const mails = [await w.mail(1), await w.mail(2)];
      const racers = Array.from({ length: 10 }, (_, n) => {
        const link = mails[n % 2];
        return link ? w.open(n % 3 === 0 ? w.attacker : w.own, { link }) : '';
      });
      const outcomes = await Promise.all(racers);
      expect(outcomes.filter((one) => one === 'SignedIn')).toHaveLength(1);
      expect(new Set(outcomes)).toEqual(new Set(['SignedIn', 'InvalidTokenError']));
    }
  });
});

test('PR-11: submitting the form while the mail’s link is opened does not deadlock', async () => {
  const w = world();
  await registered(w, [w.own, OWN]);
  const link = await w.mail(1);
  const { db } = server.app.deps;
  const isWaiting = sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
  // What a second submission does: the lock of the address, then the row of the registration.
  const opening = await transaction(db, async (tx) => {
    await run(tx, lockRegistrations(w.email));
    const opened = w.open(w.own, { link });
    await until(async () => (await queryDatabase(db, isWaiting)).length > 0);
    await queryDatabase(
      tx,
      sql`update registrations set renewed_at = now() where email = ${w.email}`,
    );
    return { opened };
  });
  expect(await opening.opened).toBe('SignedIn');
});

test('PR-11, RL-2: guessing a password by registering it is limited like guessing at login', async () => {
  const w = world();
  await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
  await w.open(w.own, { link: await w.mail(1) });
  const { deps } = server.app;
  let verified = 0;
  for (let guess = 0; guess < 2_000; guess += 1) {
    clock.advance(HOUR / 2_000);
    const ipAddress = `203.${guess >> 8}.${guess & 255}.7`;
    const client = { ipAddress, userAgent: null, requestId: 'test' };
    // The password of their own registration is right each time, so only the limit stops them.
    const credentials = { email: w.email, password: THEIRS, deviceToken: null };
    const attempt = { ...credentials, registrationToken: w.attacker.token ?? null };
    const outcome = await login(deps, attempt, client, AbortSignal.timeout(10_000)).catch(
      (error: Error) => error,
    );
    if ('kind' in outcome) verified += 1;
  }
  expect(verified).toBeGreaterThan(5);
  expect(verified).toBeLessThanOrEqual(20);
}, 60_000);

describe('PR-11: codes', () => {
  const wrong = (code: string) => (code === '11111111' ? '22222222' : '11111111');

  test('five wrong codes block a registration’s codes for an hour, including new ones, and nobody else’s', async () => {
    const w = world();
    await registered(w, [w.own, OWN], [w.attacker, THEIRS]);
    const { code } = await w.mail(1);
    for (let typo = 0; typo < 5; typo += 1)
      expect(await w.open(w.attacker, { code: wrong(code) })).toBe('InvalidTokenError');
    expect(await w.open(w.attacker, { code: wrong(code) })).toBe('RateLimitedError');
    for (let typo = 0; typo < 5; typo += 1)
      expect(await w.open(w.own, { code: wrong(code) })).toBe('InvalidTokenError');
    await w.resend(w.own);
    const resent = await w.mail(3);
    expect(await w.open(w.own, { code: resent })).toBe('RateLimitedError');
    clock.advance(HOUR);
    await w.resend({ ...w.own, source: browser().source });
    const later = await w.mail(4);
    expect(await w.open(w.own, { code: wrong(later.code) })).toBe('InvalidTokenError');
    expect(await w.open(w.own, { code: later })).toBe('SignedIn');
  });

  test('RL-6: of fifty concurrent wrong codes, five are verified', async () => {
    const w = world();
    await registered(w, [w.own, OWN]);
    const { code } = await w.mail(1);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => w.open(w.own, { code: wrong(code) })),
    );
    expect(outcomes.filter((one) => one === 'InvalidTokenError')).toHaveLength(5);
  });

  test('a token of another purpose is treated like a missing one', async () => {
    const w = world();
    await registered(w, [w.own, OWN]);
    const mail = await w.mail(1);
    const { token } = w.own;
    const others = [mail.token, `lkv_${'a'.repeat(54)}`, `lkd_${token}`, `${token}x`, 'lkg_'];
    for (const other of others)
      expect(await w.open({ ...w.own, token: other }, { code: mail })).toBe('InvalidTokenError');
    expect(await w.open(w.own, { code: mail })).toBe('SignedIn');
  });
});

describe('PR-11, LG-4: a taken address gets the same answers as a free one', () => {
  /** Everything that a stranger can try with registrations of their own, and each answer. */
  async function tried(w: World): Promise<unknown[]> {
    const first = await w.register(w.attacker, THEIRS);
    const same = await w.register(w.attacker, THEIRS);
    const seen: unknown[] = [same.registrationToken === first.registrationToken];
    seen.push(await w.login(w.attacker, THEIRS), await w.login(w.attacker, 'not this one'));
    const { __typename, resendableAt } = (await w.resend(w.attacker)).resendEmailVerification;
    seen.push(__typename, Date.parse(resendableAt) > clock.now().getTime());
    for (let turn = 0; turn < 6; turn += 1)
      seen.push(await w.open(w.attacker, { code: '12345678' }));
    const other = await w.register(w.attacker, 'yet another thought');
    seen.push(other.registrationToken === first.registrationToken);
    seen.push(await w.login({ ...w.attacker, token: first.registrationToken }, THEIRS));
    seen.push(await w.login(w.attacker, 'yet another thought'));
    return seen;
  }

  test('register, login, resend and codes, with tokens and without', async () => {
    const [free, taken, freed] = [world(), world(), world()];
    for (const w of [taken, freed]) {
      await registered(w, [w.own, OWN]);
      expect(await w.open(w.own, { link: await w.mail(1) })).toBe('SignedIn');
    }
    const answers = await tried(free);
    expect(await tried(taken)).toEqual(answers);
    expect(await taken.passwords()).toBe('own');
    expect(answers).toContain('RateLimitedError');
  });

  test('a stranger who polls login with a token learns nothing while P registers, activates, resets and deletes', async () => {
    const w = world();
    await w.register(w.attacker, THEIRS);
    const polled: string[] = [];
    const poll = async () => {
      // An answer of a rate limit reveals nothing either, so the poll ignores it.
      await queryDatabase(server.app.deps.db, sql`delete from rate_limit_counters`);
      polled.push(await w.login({ ...w.attacker, source: browser().source }, THEIRS));
    };
    await poll();
    await w.register(w.own, OWN);
    await poll();
    const mail = await mailTitled(server, w.email, TITLES.verify, 3);
    expect(await w.open(w.own, { link: mail })).toBe('SignedIn');
    await poll();
    const { token } = await askForReset(server, w.email);
    const input = { proof: { token }, newPassword: 'a later thought of the owner' };
    expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
    await poll();
    await queryDatabase(server.app.deps.db, sql`delete from users where email = ${w.email}`);
    await poll();
    expect(new Set(polled)).toEqual(new Set(['EmailVerificationRequired']));
  });

  test('resendableAt counts the requests of one registration alone', async () => {
    const w = world();
    const inFuture = (answer: { resendableAt: string }) =>
      Date.parse(answer.resendableAt) > clock.now().getTime();
    for (const one of strangers(5)) await w.register(one, THEIRS);
    const asked = [await w.register(w.own, OWN), await w.register(w.own, OWN)];
    expect([...asked, await w.register(w.own, OWN)].map(inFuture)).toEqual([false, false, true]);
  });
});

describe('PR-11, EMAIL_VERIFICATION=optional', () => {
  const claimed = async (password: string, by: 'own' | 'attacker') => {
    const w = world(optional);
    const { accessToken, refreshToken } = await w.register(w[by], password);
    return { w, mail: await w.mail(1), session: { accessToken, refreshToken } };
  };

  test.each([
    ['with the live session', 'link'],
    ['with the live session', 'code'],
  ] as const)('P’s own proof %s keeps everything: %s', async (_, door) => {
    const { w, mail, session } = await claimed(OWN, 'own');
    expect(await w.open(w.own, door === 'link' ? { link: mail } : { code: mail })).toBe('SignedIn');
    expect(await isSignedIn(optional, session)).toBe(true);
    expect(await w.passwords()).toBe('own');
  });

  test('a code works with the active session, whatever token of another account the browser still stores', async () => {
    const other = await claimed(OWN, 'own');
    const { w, mail } = await claimed(OWN, 'own');
    const { db } = optional.app.deps;
    const [{ id = '' } = {}] = await queryDatabase<{ id: string }>(
      db,
      sql`select id from users where email = ${other.w.email}`,
    );
    w.own.token = mintAccountToken(optional.app.deps, { userId: id, credentialVersion: 1 });
    expect(await w.open(w.own, { code: mail })).toBe('SignedIn');
  });

  test('P’s own click after a stranger’s resend removes nothing: with the session, or with the current password', async () => {
    for (const way of ['session', 'password']) {
      const { w, session } = await claimed(OWN, 'own');
      await w.resend(w.attacker);
      const link = await w.mail(2);
      const by = way === 'session' ? w.own : w.other;
      if (way === 'password') expect(await w.open(by, { link })).toBe('PasswordNeeded');
      expect(await w.open(by, { link }, way === 'password' ? OWN : undefined)).toBe('SignedIn');
      expect(await isSignedIn(optional, session)).toBe(true);
      expect(await w.passwords()).toBe('own');
    }
  });

  test('PR-8: A claimed the address; P’s click with a password of P’s own ends A’s password and session, and a mail says so', async () => {
    const { w, mail, session } = await claimed(THEIRS, 'attacker');
    expect(await w.open(w.other, { link: mail })).toBe('PasswordNeeded');
    expect(await isSignedIn(optional, session)).toBe(true);
    expect(await w.open(w.other, { link: mail }, OWN)).toBe('SignedIn');
    expect(await isSignedIn(optional, session)).toBe(false);
    expect((await refresh(optional, session.refreshToken)).__typename).toBe('InvalidTokenError');
    expect(await w.passwords()).toBe('own');
    await mailTitled(optional, w.email, TITLES.earlierClaim);
  });

  test('a taken address gets EmailTakenError, and a code without session or token is rejected', async () => {
    const { w, mail } = await claimed(OWN, 'own');
    expect((await w.register(browser(), THEIRS)).__typename).toBe('EmailTakenError');
    expect(await w.open(w.other, { code: mail }, OWN)).toBe('InvalidTokenError');
  });
});

test('PR-11: for an account without a verified address, the token of its password’s sign-in keeps everything', async () => {
  const w = world();
  await registered(w, [w.own, OWN]);
  await w.open(w.own, { link: await w.mail(1) });
  const { db } = server.app.deps;
  await queryDatabase(db, sql`update users set email_verified_at = null where email = ${w.email}`);
  const [first, second] = [{ ...browser() }, { ...browser() }];
  expect(await w.signInUnproven(first, OWN)).toBe('EmailVerificationRequired');
  const link = await w.mail(2);
  expect(await w.open(second, { link })).toBe('PasswordNeeded');
  await w.resend(first);
  expect(await w.open(first, { code: await w.mail(3) })).toBe('SignedIn');
  expect(await w.passwords()).toBe('own');
});

test('PR-11: the right password of an account without a verified address uses up no attempt, whichever token comes with it', async () => {
  const w = world();
  await registered(w, [w.own, OWN]);
  await w.open(w.own, { link: await w.mail(1) });
  const { db } = server.app.deps;
  await queryDatabase(db, sql`update users set email_verified_at = null where email = ${w.email}`);
  const by = browser();
  expect(await w.signInUnproven(by, OWN)).toBe('EmailVerificationRequired');
  // Within one second the account's token is the same again.
  const outcomes = [];
  for (let turn = 0; turn < 12; turn += 1) outcomes.push(await w.login(by, OWN));
  expect(new Set(outcomes)).toEqual(new Set(['EmailVerificationRequired']));
});
