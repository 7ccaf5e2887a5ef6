import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFakeClock } from '../support/clock.ts';
import { LOGIN, REGISTER, signUp, VERIFY_EMAIL } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import {
  callAs,
  challengeOf,
  codeMailedBy,
  enrollEmail,
  enrollTotp,
  MFA,
  totpCode,
  verify,
} from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  UPDATE_PROFILE,
} from './account-care.ts';

let server: TestServer;
const clock = createFakeClock();
beforeAll(async () => {
  server = await startTestServer({ clock });
  // Counts every change, whatever was typed (RL-14).
  vi.spyOn(server.app.deps.rateLimiter, 'countAndRun').mockImplementation((_limits, _from, work) =>
    work(),
  );
});
afterAll(() => server.close());

type Outcome = { readonly __typename: string };

/** A code that can be typed, and the field for it. */
type Waiting = {
  readonly code: string;
  readonly refusal: 'InvalidCodeError' | 'InvalidTokenError';
  readonly accepted: string;
  present(typed: string): Promise<Outcome>;
};

/** Every operation that accepts a code. */
const OPERATIONS: readonly (readonly [string, () => Promise<Waiting>])[] = [
  [
    'verifyMfa, app',
    async () => {
      const person = await enrollTotp(server, await signUp(server));
      clock.advance(30_000);
      const { challengeToken } = await challengeOf(server, person);
      return {
        code: totpCode(person.secret, clock.now()),
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (typed) => verify(server, challengeToken, 'TOTP', typed),
      };
    },
  ],
  [
    'verifyMfa, mail',
    async () => {
      const person = await enrollEmail(server, await signUp(server));
      const { challengeToken } = await challengeOf(server, person);
      const code = await codeMailedBy(server, person.email, () =>
        server.graphql(MFA.sendCode, { input: { challengeToken } }),
      );
      return {
        code,
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (typed) => verify(server, challengeToken, 'EMAIL', typed),
      };
    },
  ],
  [
    'verifyMfa, backup code',
    async () => {
      const person = await enrollTotp(server, await signUp(server));
      const { challengeToken } = await challengeOf(server, person);
      return {
        code: person.backupCodes[3] ?? '',
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (typed) => verify(server, challengeToken, 'BACKUP_CODE', typed),
      };
    },
  ],
  [
    'reauthenticate, app',
    async () => {
      const person = await enrollTotp(server, await signUp(server));
      clock.advance(30_000);
      return {
        code: totpCode(person.secret, clock.now()),
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (code) =>
          callAs(server, person.accessToken, MFA.reauthenticate, {
            code: { method: 'TOTP', code },
          }),
      };
    },
  ],
  [
    'reauthenticate, mail',
    async () => {
      const person = await enrollEmail(server, await signUp(server));
      const { challengeToken } = await challengeOf(server, person);
      const first = await codeMailedBy(server, person.email, () =>
        server.graphql(MFA.sendCode, { input: { challengeToken } }),
      );
      const { accessToken } = await verify(server, challengeToken, 'EMAIL', first);
      const code = await codeMailedBy(server, person.email, () =>
        callAs(server, accessToken, MFA.sendReauthenticationCode),
      );
      return {
        code,
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (typed) =>
          callAs(server, accessToken, MFA.reauthenticate, {
            code: { method: 'EMAIL', code: typed },
          }),
      };
    },
  ],
  [
    'reauthenticate, backup code',
    async () => {
      const person = await enrollTotp(server, await signUp(server));
      return {
        code: person.backupCodes[0] ?? '',
        refusal: 'InvalidCodeError',
        accepted: 'SignedIn',
        present: (code) =>
          callAs(server, person.accessToken, MFA.reauthenticate, {
            code: { method: 'BACKUP_CODE', code },
          }),
      };
    },
  ],
  [
    'confirmTotp',
    async () => {
      const { accessToken } = await signUp(server);
      const begun = await callAs(server, accessToken, MFA.enableTotp);
      return {
        code: totpCode(begun.secret, clock.now()),
        refusal: 'InvalidCodeError',
        accepted: 'MfaEnabled',
        present: (code) => callAs(server, accessToken, MFA.confirmTotp, { code }),
      };
    },
  ],
  [
    'confirmEmailMfa',
    async () => {
      const { accessToken, email } = await signUp(server);
      const code = await codeMailedBy(server, email, () =>
        callAs(server, accessToken, MFA.enableEmailMfa),
      );
      return {
        code,
        refusal: 'InvalidCodeError',
        accepted: 'MfaEnabled',
        present: (typed) => callAs(server, accessToken, MFA.confirmEmailMfa, { code: typed }),
      };
    },
  ],
  [
    'verifyEmail',
    async () => {
      const email = 'typed-code@example.com';
      const registered = await server.graphql(REGISTER, {
        input: { email, password: NEW_PASSWORD },
      });
      const { registrationToken } = registered.data.register;
      const { code } = await mailTitled(server, email, TITLES.verify);
      return {
        code,
        refusal: 'InvalidTokenError',
        accepted: 'SignedIn',
        present: async (typed) => {
          const input = { proof: { code: { email, code: typed } }, registrationToken };
          return (await server.graphql(VERIFY_EMAIL, { input })).data.verifyEmail;
        },
      };
    },
  ],
  [
    'resetPassword',
    async () => {
      const { email } = await signUp(server);
      const { code, resetToken } = await askForReset(server, email);
      return {
        code,
        refusal: 'InvalidTokenError',
        accepted: 'PasswordChanged',
        present: async (typed) => {
          const proof = { code: { email, code: typed } };
          const input = { proof, newPassword: NEW_PASSWORD, resetToken };
          return (await server.graphql(RESET, { input })).data.resetPassword;
        },
      };
    },
  ],
  [
    'confirmEmailChange',
    async () => {
      const { accessToken } = await signUp(server);
      const email = 'typed-code-new@example.com';
      await callAs(server, accessToken, REQUEST_EMAIL_CHANGE, { newEmail: email });
      const { code } = await mailTitled(server, email, TITLES.confirmChange);
      return {
        code,
        refusal: 'InvalidTokenError',
        accepted: 'EmailChanged',
        present: (typed) =>
          callAs(server, accessToken, CONFIRM_EMAIL_CHANGE, {
            proof: { code: { email, code: typed } },
          }),
      };
    },
  ],
];

/** The sum of all attempts that this server has counted. */
async function triesSpent(): Promise<number> {
  const [row] = await queryDatabase<{ tries: string }>(
    server.app.deps.db,
    sql`select
    (select coalesce(sum(failed_attempts), 0) from one_time_tokens)
    + (select coalesce(sum(attempts), 0) from mfa_challenges)
    + (select coalesce(sum(failures), 0) from second_factor_failures)
    + (select coalesce(sum(tries), 0) from rate_limit_counters)
    + (select count(*) from audit_events where type like '%FAILED') as tries`,
  );
  return Number(row?.tries);
}

const MALFORMED = [
  '1',
  '12345',
  '123456789',
  'a2345678',
  '٢٨٧٠٨٢',
  '0000-0000-000U',
  '--',
  '½½½½½½',
];

describe('TO-9', () => {
  test.each(OPERATIONS)(
    '%s: a malformed code uses up no attempt, and the right one is accepted as a phone, an app or a mail spells it',
    async (_operation, prepare) => {
      const { code, refusal, accepted, present } = await prepare();
      const before = await triesSpent();
      for (const typed of MALFORMED) {
        expect(await present(typed)).toMatchObject({ __typename: refusal });
      }
      expect((await triesSpent()) - before).toBe(0);
      const wide = code.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
      const typed = `\u200B\u00A0${wide.slice(0, 3)}\u2011${wide.slice(3)}\u200E\r\n`;
      expect(await present(typed)).toMatchObject({ __typename: accepted });
    },
  );

  test('reauthenticate and verifyMfa count a well-formed code', async () => {
    const person = await enrollTotp(server, await signUp(server));
    const before = await triesSpent();
    const { challengeToken } = await challengeOf(server, person);
    await verify(server, challengeToken, 'BACKUP_CODE', '0000-0000-0000');
    expect(await triesSpent()).toBeGreaterThan(before);
  });
});

test('LG-11: an empty name is no name, in registration and in the profile', async () => {
  const newcomer = { email: 'nameless@example.com', password: NEW_PASSWORD, name: ' ' };
  const { data } = await server.graphql(REGISTER, { input: newcomer });
  expect(data.register.__typename).toBe('EmailVerificationRequired');
  const { accessToken } = await signUp(server);
  const update = (name: string) => callAs(server, accessToken, UPDATE_PROFILE, { name });
  expect(await update('Ada')).toMatchObject({ viewer: { user: { name: 'Ada' } } });
  expect(await update('')).toMatchObject({ viewer: { user: { name: null } } });
  expect(await update('\u3164')).toMatchObject({ __typename: 'InvalidInputError' });
});

test('LG-7: an address with white space from autofill signs in, and registers no second account', async () => {
  const person = await signUp(server);
  const input = { email: ` ${person.email}\u00A0`, password: person.password };
  expect((await server.graphql(LOGIN, { input })).data.login.__typename).toBe('SignedIn');
});
