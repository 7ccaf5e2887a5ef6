import { eq, sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { build } from '../../../src/db/statement.ts';
import { auditEvents } from '../../../src/db/tables/audit-event.ts';
import { oneTimeTokens } from '../../../src/db/tables/one-time-token.ts';
import { users } from '../../../src/db/tables/user.ts';
import { DAY, HOUR, MINUTE } from '../../../src/kernel/duration.ts';
import { countInTransaction } from '../../../src/rate-limit/count.ts';
import { completedSignInLimits } from '../../../src/rate-limit/limits.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { PASSWORD, type Person, REGISTER, signUp } from '../../support/journeys.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import {
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  totpCode,
  verify,
} from '../../support/second-factor.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  askForReset,
  countMails,
  mailTitled,
  NEW_PASSWORD,
  RESET,
  TITLES,
  typeOf,
} from '../account-care.ts';
import {
  codeOf,
  completeSignIn,
  linkOf,
  mailedToken,
  NO_ACCOUNT_TITLE,
  REQUEST_SIGN_IN,
  requestSignIn,
  SIGN_IN_TITLE,
  wrongCode,
} from './acts.ts';

const clock = createFakeClock();
const test = testWithServer({ clock, env: { EMAIL_SIGN_IN: 'existing' } });

const update = (server: TestServer, person: Person, change: Partial<typeof users.$inferInsert>) =>
  queryDatabase(
    server.app.deps.db,
    build.update(users).set(change).where(eq(users.id, person.userId)),
  );

/** A source of its own for each act: no test uses up the limits of another. */
let sources = 0;
const elsewhere = () => {
  sources += 1;
  return { address: `10.20.${sources >> 8}.${sources & 255}` };
};

const VIEWER = '{ viewer { user { id email } session { methods } } }';

describe('EL-1: the code belongs to the browser that requested it, the link to the mailbox', () => {
  test('EL-1: the link signs in in any browser, by the mailbox alone', async ({ server }) => {
    const person = await signUp(server);
    const mail = await requestSignIn(server, person.email, elsewhere());
    const done = await completeSignIn(server, linkOf(mail), elsewhere());
    expect(done.__typename).toBe('SignedIn');
    const { data } = await server.graphql(VIEWER, undefined, { token: done.accessToken });
    expect(data.viewer).toEqual({
      user: { id: person.userId, email: person.email },
      session: { methods: ['email'] },
    });
    expect(done.deviceToken).toMatch(/^lkd_/);
  });

  test('EL-1: the code signs in in the browser that requested it, with spaces as a person types it', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const { code, emailSignInToken } = await requestSignIn(server, email);
    const typed = `${code.slice(0, 4)} ${code.slice(4)}`;
    const done = await completeSignIn(server, { code: { code: typed, emailSignInToken } });
    expect(done.__typename).toBe('SignedIn');
  });

  test('EL-1: a code from another browser is InvalidTokenError for all three purposes, and takes no try of the owner’s', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const own = await requestSignIn(server, email);
    const reset = await askForReset(server, email);
    const other = await requestSignIn(server, email, elsewhere());
    const waiting = { email: 'waiting@example.com', password: PASSWORD };
    const { registrationToken } = (await server.graphql(REGISTER, { input: waiting })).data
      .register;
    const verification = await server.mailTo(waiting.email);
    const none = `lke_${'A'.repeat(43)}`;
    const foreign = [other.emailSignInToken, reset.resetToken, registrationToken, none];
    for (const { code } of [own, reset, verification])
      for (const emailSignInToken of foreign) {
        const proof = { code: { code, emailSignInToken } };
        const refused = await completeSignIn(server, proof, elsewhere());
        expect(refused.__typename).toBe('InvalidTokenError');
      }
    // The other way round: this code, and this secret, where another purpose wants its own.
    const input = {
      proof: { code: { email, code: own.code } },
      newPassword: NEW_PASSWORD,
      resetToken: own.emailSignInToken,
    };
    expect(typeOf(await server.graphql(RESET, { input }))).toBe('InvalidTokenError');
    expect((await completeSignIn(server, codeOf(own))).__typename).toBe('SignedIn');
  });

  test.for([
    ['link', 'code', linkOf, codeOf],
    ['code', 'link', codeOf, linkOf],
    ['link', 'link', linkOf, linkOf],
    ['code', 'code', codeOf, codeOf],
  ] as const)('EL-1: the %s ends the %s', async ([, , first, second], { server }) => {
    const { email } = await signUp(server);
    const mail = await requestSignIn(server, email, elsewhere());
    expect((await completeSignIn(server, first(mail))).__typename).toBe('SignedIn');
    expect((await completeSignIn(server, second(mail))).__typename).toBe('InvalidTokenError');
    expect(await mailedToken(server, mail.token)).toBeNull();
  });

  test('EL-1: a stranger’s request voids neither the link nor the code of the owner', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const owners = await requestSignIn(server, email, elsewhere());
    const strangers = await requestSignIn(server, email, elsewhere());
    expect((await completeSignIn(server, codeOf(owners))).__typename).toBe('SignedIn');
    expect((await completeSignIn(server, linkOf(strangers))).__typename).toBe('SignedIn');
  });
});

test('EL-2, EL-9: reading the link twenty times names the account and who asked, and uses nothing', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const asking = { address: '203.0.113.9', headers: { 'user-agent': userAgent } };
  const mail = await requestSignIn(server, email, asking);
  for (let read = 0; read < 20; read += 1) {
    expect(await mailedToken(server, mail.token)).toMatchObject({
      kind: 'EMAIL_SIGN_IN',
      email,
      ipAddress: '203.0.113.9',
      userAgent,
      undoes: [],
      stays: [],
    });
  }
  expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
});

describe('EL-7: the code', () => {
  test('EL-7: has 8 digits and five tries, which all mails of a source share; the link still works', async ({
    server,
  }) => {
    const { email, userId } = await signUp(server);
    const from = elsewhere();
    const first = await requestSignIn(server, email, from);
    expect(first.code).toMatch(/^\d{8}$/);
    const guess = async ({ code, emailSignInToken }: typeof first) => {
      const wrong = { code: { code: wrongCode(code), emailSignInToken } };
      return (await completeSignIn(server, wrong, from)).__typename;
    };
    for (let n = 0; n < 3; n += 1) expect(await guess(first)).toBe('InvalidTokenError');
    const second = await requestSignIn(server, email, from);
    for (let n = 0; n < 2; n += 1) expect(await guess(second)).toBe('InvalidTokenError');
    const right = await completeSignIn(server, codeOf(second), from);
    expect(right.__typename).toBe('RateLimitedError');
    expect(right.retryAfterSeconds).toBeLessThanOrEqual(HOUR / 1_000);
    // From another network the owner’s own mail has its own tries, and no mail’s code has more than five.
    expect((await completeSignIn(server, codeOf(second), elsewhere())).__typename).toBe('SignedIn');
    expect((await completeSignIn(server, linkOf(first), from)).__typename).toBe('SignedIn');
    const { db } = server.app.deps;
    const failed = await queryDatabase(
      db,
      build.select().from(auditEvents).where(eq(auditEvents.userId, userId)),
    );
    expect(failed.filter(({ type }) => type === 'SIGN_IN_FAILED')).toHaveLength(5);
    // LG-6: five failures before a success are reported to the owner.
    await mailTitled(server, email, 'Sign-in after failed attempts');
  });

  test('EL-7, RL-6: no source and no number of sources gets a sixth try at one code', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const mail = await requestSignIn(server, email, elsewhere());
    const { emailSignInToken } = mail;
    const code = wrongCode(mail.code);
    const guesses = Array.from({ length: 12 }, () =>
      completeSignIn(server, { code: { code, emailSignInToken } }, elsewhere()),
    );
    for (const { __typename } of await Promise.all(guesses)) {
      expect(__typename).toBe('InvalidTokenError');
    }
    const { db } = server.app.deps;
    const [row] = await queryDatabase(
      db,
      build
        .select()
        .from(oneTimeTokens)
        .where(eq(oneTimeTokens.email, email))
        .orderBy(sql`created_at desc`),
    );
    expect(row?.failedAttempts).toBe(5);
    const right = await completeSignIn(server, codeOf(mail), elsewhere());
    expect(right.__typename).toBe('InvalidTokenError');
  });

  test('TO-9: text that cannot be a code spends no try', async ({ server }) => {
    const { email } = await signUp(server);
    const mail = await requestSignIn(server, email, elsewhere());
    const { emailSignInToken } = mail;
    for (const code of ['1234567', '123456789', 'abcdefgh', '12345678a', '١٢٣٤٥٦٧٨9']) {
      const refused = await completeSignIn(server, { code: { code, emailSignInToken } });
      expect(refused.__typename).toBe('InvalidTokenError');
    }
    expect((await completeSignIn(server, codeOf(mail))).__typename).toBe('SignedIn');
  });

  test('EL-7: link and code end after EMAIL_SIGN_IN_TTL, which is ten minutes', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const mail = await requestSignIn(server, email, elsewhere());
    const other = await requestSignIn(server, email, elsewhere());
    clock.advance(10 * MINUTE - 1_000);
    expect((await completeSignIn(server, codeOf(other))).__typename).toBe('SignedIn');
    clock.advance(2_000);
    expect((await completeSignIn(server, codeOf(mail))).__typename).toBe('InvalidTokenError');
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
    expect(await mailedToken(server, mail.token)).toBeNull();
  });
});

describe('EL-4: the mailbox is one factor', () => {
  test('EL-4: a person with an app is asked for it, and a code by mail is not among the methods', async ({
    server,
  }) => {
    const person = await signUp(server);
    const enrolled = await enrollTotp(server, person);
    await enrollEmail(server, person);
    clock.advance(30_000);
    const mail = await requestSignIn(server, person.email, elsewhere());
    const required = await completeSignIn(server, codeOf(mail));
    expect(required.__typename).toBe('MfaRequired');
    expect(required.methods).toEqual(['TOTP', 'BACKUP_CODE']);
    const { challengeToken } = required;
    const sent = await server.graphql(MFA.sendCode, { input: { challengeToken } });
    expect(typeOf(sent)).toBe('MfaNotEnabledError');
    const mailed = await verify(server, challengeToken, 'EMAIL', '00000000');
    expect(mailed.__typename).toBe('InvalidCodeError');
    const code = totpCode(enrolled.secret, clock.now());
    expect((await verify(server, challengeToken, 'TOTP', code)).__typename).toBe('SignedIn');
  });
});

describe('EL-5: who can sign in', () => {
  /** Disabled by the flag alone, so that no other rule can refuse in its place. */
  test.for(['with a second factor', 'without one'])(
    'EL-5: a person disabled meanwhile, %s, is refused at the end, and the link shows nothing',
    async (having, { server }) => {
      const person = await signUp(server);
      if (having === 'with a second factor') await enrollTotp(server, person);
      const mail = await requestSignIn(server, person.email, elsewhere());
      const other = await requestSignIn(server, person.email, elsewhere());
      await update(server, person, { disabledAt: clock.now() });
      expect(await mailedToken(server, mail.token)).toBeNull();
      expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
      expect((await completeSignIn(server, codeOf(other))).__typename).toBe('InvalidTokenError');
      // The proof was not used up by the refusal.
      await update(server, person, { disabledAt: null });
      const outcome = having === 'with a second factor' ? 'MfaRequired' : 'SignedIn';
      expect((await completeSignIn(server, linkOf(mail))).__typename).toBe(outcome);
    },
  );

  test('EL-5: a disabled person is mailed nothing', async ({ server }) => {
    const person = await signUp(server);
    await update(server, person, { disabledAt: clock.now() });
    const before = await mailCount(server, person.email);
    const answer = await server.graphql(
      REQUEST_SIGN_IN,
      { input: { email: person.email } },
      elsewhere(),
    );
    expect(typeOf(answer)).toBe('EmailSignInStarted');
    expect(await mailCount(server, person.email)).toBe(before);
  });

  test('EL-5: a closed limit of passwords does not close the sign-in by mail', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const guess = { input: { email, password: 'a guess of a stranger' } };
    for (let n = 0; n < 11; n += 1) await server.graphql(MFA.challenge, guess, elsewhere());
    const shut = await server.graphql(MFA.challenge, { input: { email, password: PASSWORD } });
    expect(typeOf(shut)).toBe('RateLimitedError');
    const mail = await requestSignIn(server, email, elsewhere());
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
  });

  test('SE-2: a mail from before a reset of the password signs nobody in', async ({ server }) => {
    const { email } = await signUp(server);
    const mail = await requestSignIn(server, email, elsewhere());
    const { token } = await askForReset(server, email);
    const input = { proof: { token }, newPassword: NEW_PASSWORD };
    expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
    expect(await mailedToken(server, mail.token)).toBeNull();
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
    expect((await completeSignIn(server, codeOf(mail))).__typename).toBe('InvalidTokenError');
  });

  test('RL-9: an address is mailed three times in a quarter of an hour, and every answer is alike', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const answers = new Set<string>();
    for (let n = 0; n < 8; n += 1) {
      const answer = await server.graphql(REQUEST_SIGN_IN, { input: { email } }, elsewhere());
      answers.add(answer.text.replace(/lke_[\w-]+/, 'TOKEN'));
    }
    expect(answers.size).toBe(1);
    await mailCount(server, email);
    expect(countMails(server, email, SIGN_IN_TITLE)).toBe(3);
  });

  test('RL-3: the owner’s device is mailed when strangers have used up the day, and one more leaves each hour', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const known = await completeSignIn(server, linkOf(await requestSignIn(server, email)));
    const ask = (deviceToken?: string) =>
      server.graphql(REQUEST_SIGN_IN, { input: { email, deviceToken } }, elsewhere());
    for (let n = 0; n < 20; n += 1) {
      await ask();
      if (n % 4 !== 3) continue;
      await mailCount(server, email);
      clock.advance(15 * MINUTE);
    }
    await mailCount(server, email);
    expect(countMails(server, email, SIGN_IN_TITLE)).toBe(10);
    await ask();
    await mailCount(server, email);
    expect(countMails(server, email, SIGN_IN_TITLE)).toBe(10);
    await ask(known.deviceToken);
    await mailTitled(server, email, SIGN_IN_TITLE, 11);
    clock.advance(HOUR);
    await ask();
    await mailTitled(server, email, SIGN_IN_TITLE, 12);
  });
});

describe('EL-8: an address without an account', () => {
  test('EL-8: is notified once a day that there is none, and gets none', async ({ server }) => {
    const email = 'nobody@example.com';
    const ask = () => server.graphql(REQUEST_SIGN_IN, { input: { email } }, elsewhere());
    for (let n = 0; n < 3; n += 1) expect(typeOf(await ask())).toBe('EmailSignInStarted');
    const mail = await mailTitled(server, email, NO_ACCOUNT_TITLE);
    expect(mail.text).not.toMatch(/token=|\b\d{8}\b/);
    expect(await mailCount(server, email)).toBe(1);
    clock.advance(DAY - 1_000);
    await ask();
    expect(await mailCount(server, email)).toBe(1);
    clock.advance(2_000);
    await ask();
    expect(await mailCount(server, email)).toBe(2);
    expect(countMails(server, email, NO_ACCOUNT_TITLE)).toBe(2);
    const { db } = server.app.deps;
    expect(await countRowsOf(db, users, eq(users.email, email))).toBe(0);
    // The limit of one mail a day closes with each of them: that is no alarm.
    expect(await countRowsOf(db, auditEvents, eq(auditEvents.type, 'RATE_LIMITED'))).toBe(
      await countRowsOf(
        db,
        auditEvents,
        sql`type = 'RATE_LIMITED' and detail->>'limit' <> 'email-sign-in.no-account'`,
      ),
    );
  });

  test('PR-11: with a waiting registration it is mailed the link that completes the registration', async ({
    server,
  }) => {
    const email = 'has-not-clicked@example.com';
    await server.graphql(REGISTER, { input: { email, password: PASSWORD } }, elsewhere());
    await mailTitled(server, email, TITLES.verify);
    await server.graphql(REQUEST_SIGN_IN, { input: { email } }, elsewhere());
    const mail = await mailTitled(server, email, TITLES.verify, 2);
    expect(mail.text).toContain('/verify-email?token=');
    expect(mail.code).toBe('');
    expect((await mailedToken(server, mail.token)).kind).toBe('VERIFY_EMAIL');
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
  });
});

test('RL-14: a sign-in beyond the limit of the account is refused and leaves the mail good', async ({
  server,
}) => {
  const person = await signUp(server);
  const mail = await requestSignIn(server, person.email, elsewhere());
  const { deps } = server.app;
  const client = { ipAddress: '10.99.0.1', userAgent: null, requestId: 'test' };
  const of = { userId: person.userId, isKnownDevice: true, way: 'email' } as const;
  const [account] = completedSignInLimits({ ...deps.config, mode: 'production' }, client, of);
  if (!account) throw new Error('No such limit.');
  // Signing up was the first.
  for (let n = 1; n < 120; n += 1) await countInTransaction(deps, deps.db, [account]);
  const refused = await completeSignIn(server, linkOf(mail), elsewhere());
  expect(refused.__typename).toBe('RateLimitedError');
  await queryDatabase(deps.db, 'delete from rate_limit_counters');
  expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
});

test('with EMAIL_SIGN_IN off there is no such sign-in, and a mail from before it was turned off is void', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const mail = await requestSignIn(server, email, elsewhere());
  const off = await startTestServer({
    clock,
    database: { ...server.database, drop: async () => undefined },
    env: { SECRET_KEYS: server.app.deps.config.secretKeys[0].toString('base64') },
  });
  try {
    const refused = await off.graphql(REQUEST_SIGN_IN, { input: { email } });
    expect(typeOf(refused)).toBe('NotFoundError');
    const settings = await off.graphql('{ authSettings { emailSignIn } }');
    expect(settings.data).toEqual({ authSettings: { emailSignIn: 'OFF' } });
    expect(await mailedToken(off, mail.token)).toBeNull();
    for (const proof of [linkOf(mail), codeOf(mail)]) {
      expect((await completeSignIn(off, proof)).__typename).toBe('InvalidTokenError');
    }
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
  } finally {
    await off.close();
  }
});

describe('EL-5, LG-5: wrong codes from one source', () => {
  /** Wrong codes until the limit refuses them, with the tokens of two requests. */
  async function probe(server: TestServer, email: string, address: string) {
    const ask = async (): Promise<string> =>
      (await server.graphql(REQUEST_SIGN_IN, { input: { email } }, { address })).data
        .requestEmailSignIn.emailSignInToken;
    const [one, two] = [await ask(), await ask()];
    const seen: string[] = [];
    for (const emailSignInToken of [one, one, one, one, one, two, one]) {
      const proof = { code: { code: '12345678', emailSignInToken } };
      seen.push((await completeSignIn(server, proof, { address })).__typename);
    }
    return seen;
  }
  const closed = [...Array(5).fill('InvalidTokenError'), 'RateLimitedError', 'RateLimitedError'];

  test('do not show whether an address has an account or a registration that waits', async ({
    server,
  }) => {
    const waiting = { email: 'probed-waiting@example.com', password: PASSWORD };
    await server.graphql(REGISTER, { input: waiting }, { address: '10.1.0.1' });
    const known = await signUp(server);
    expect(await probe(server, waiting.email, '10.9.0.1')).toEqual(closed);
    expect(await probe(server, known.email, '10.9.0.2')).toEqual(closed);
    expect(await probe(server, 'probed-unknown@example.com', '10.9.0.3')).toEqual(closed);
  });

  test('do not show whether somebody else asked for mails to an address', async ({ server }) => {
    const [busy, quiet] = [await signUp(server), await signUp(server)];
    const input = { email: busy.email };
    for (let n = 0; n < 3; n += 1)
      await server.graphql(REQUEST_SIGN_IN, { input }, { address: '10.1.0.2' });
    expect(await probe(server, busy.email, '10.9.0.4')).toEqual(closed);
    expect(await probe(server, quiet.email, '10.9.0.5')).toEqual(closed);
  });

  test('the token of the longest address fits', async ({ server }) => {
    const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}.example`;
    const email = `${'a'.repeat(64)}@${domain}`.slice(0, 254);
    const address = '10.9.0.6';
    expect(await probe(server, email, address)).toEqual(closed);
  });
});
