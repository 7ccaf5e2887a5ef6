import { and, eq, isNull } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { developmentPages } from '../../dev/pages/routes.ts';
import { build } from '../../src/db/statement.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { users } from '../../src/db/tables/user.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { documentOf } from '../support/documents.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, refresh, signIn, signUp, VERIFY_EMAIL } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  REQUEST_RESET,
  RESET,
  TITLES,
  typeOf,
} from './account-care.ts';

const clock = createFakeClock();

const test = testWithServer({ clock, developmentPages });

const MAILED_TOKEN = documentOf('mailedToken');

const reset = (
  server: TestServer,
  proof: object,
  newPassword = NEW_PASSWORD,
  resetToken?: string,
) => server.graphql(RESET, { input: { proof, newPassword, ...(resetToken && { resetToken }) } });
const byCode = (
  server: TestServer,
  email: string,
  mail: { readonly code: string; readonly resetToken: string },
) => reset(server, { code: { email, code: mail.code } }, NEW_PASSWORD, mail.resetToken);
const login = (server: TestServer, email: string, password: string) =>
  server.graphql(LOGIN, { input: { email, password } });

describe('a reset', () => {
  test('PR-4: a reset by link ends every session at once, signs nobody in and notifies the person', async ({
    server,
  }) => {
    const person = await signUp(server);
    const second = await signIn(server, person);
    const { token } = await askForReset(server, person.email);
    const answer = await reset(server, { token });
    expect(answer.data.resetPassword).toMatchObject({
      __typename: 'PasswordChanged',
      sessionsRevoked: 2,
    });
    expect(answer.text).not.toContain('accessToken');
    for (const session of [person, second]) {
      expect(await isSignedIn(server, session)).toBe(false);
      expect((await refresh(server, session.refreshToken)).__typename).toBe('InvalidTokenError');
    }
    expect(typeOf(await login(server, person.email, person.password))).toBe(
      'InvalidCredentialsError',
    );
    await signIn(server, { email: person.email, password: NEW_PASSWORD });
    await mailTitled(server, person.email, TITLES.resetDone);
  });

  test('PR-1: a reset by code does the same, and each proof works once', async ({ server }) => {
    const { email } = await signUp(server);
    const mail = await askForReset(server, email);
    expect(typeOf(await byCode(server, email, mail))).toBe('PasswordChanged');
    expect(typeOf(await byCode(server, email, mail))).toBe('InvalidTokenError');
    expect(typeOf(await reset(server, { token: mail.token }))).toBe('InvalidTokenError');
  });

  test('PR-1: a link expires after 30 minutes, a code after 10', async ({ server }) => {
    const { email } = await signUp(server);
    const mail = await askForReset(server, email);
    clock.advance(10 * MINUTE);
    expect(typeOf(await byCode(server, email, mail))).toBe('InvalidTokenError');
    clock.advance(20 * MINUTE);
    expect(typeOf(await reset(server, { token: mail.token }))).toBe('InvalidTokenError');
  });

  test('RL-3: every browser that requested a reset has a valid link and code, and the first use ends all', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const [older, newer, newest] = [
      await askForReset(server, email),
      await askForReset(server, email),
      await askForReset(server, email),
    ];
    // A rejected password uses nothing up, so each proof is valid on its own.
    for (const { token } of [older, newer, newest])
      expect(typeOf(await reset(server, { token }, 'password123'))).toBe('WeakPasswordError');
    expect(typeOf(await byCode(server, email, older))).toBe('PasswordChanged');
    for (const mail of [newer, newest]) {
      expect(typeOf(await reset(server, { token: mail.token }))).toBe('InvalidTokenError');
      expect(typeOf(await byCode(server, email, mail))).toBe('InvalidTokenError');
    }
  });

  test('RL-3: a code works only with the token of its own request', async ({ server }) => {
    const { email } = await signUp(server);
    const own = await askForReset(server, email);
    const strangers = await askForReset(server, email);
    const code = { email, code: own.code };
    for (const resetToken of [undefined, strangers.resetToken, 'lkp_of_nobody', own.token])
      expect(typeOf(await reset(server, { code }, NEW_PASSWORD, resetToken))).toBe(
        'InvalidTokenError',
      );
    expect(typeOf(await byCode(server, email, own))).toBe('PasswordChanged');
  });

  test('RL-3: five or fifty wrong codes of strangers end neither the owner’s code nor its link', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const own = await askForReset(server, email);
    const { data } = await server.graphql(REQUEST_RESET, { input: { email } });
    const { resetToken } = data.requestPasswordReset;
    const wrong = { code: { email, code: own.code === '00000000' ? '00000001' : '00000000' } };
    for (let n = 0; n < 50; n += 1) {
      const input = { proof: wrong, newPassword: NEW_PASSWORD, ...(n % 2 && { resetToken }) };
      await server.graphql(RESET, { input }, { address: `198.51.100.${n}` });
    }
    expect(typeOf(await byCode(server, email, own))).toBe('PasswordChanged');
  });

  test('EO-2: five wrong codes in the requesting browser end its code but not its link', async ({
    server,
  }) => {
    const { email } = await signUp(server);
    const mail = await askForReset(server, email);
    for (let tries = 0; tries < 5; tries += 1)
      await byCode(server, email, {
        ...mail,
        code: mail.code === '00000000' ? '00000001' : '00000000',
      });
    expect(typeOf(await byCode(server, email, mail))).toBe('InvalidTokenError');
    expect(typeOf(await reset(server, { token: mail.token }))).toBe('PasswordChanged');
  });

  test('PW-8: a rejected password keeps the proof for a better one', async ({ server }) => {
    const person = await signUp(server);
    const { token } = await askForReset(server, person.email);
    const weak = await reset(server, { token }, 'password123');
    expect(weak.data.resetPassword).toMatchObject({
      __typename: 'WeakPasswordError',
      reasons: ['COMMON'],
    });
    expect(typeOf(await reset(server, { token }))).toBe('PasswordChanged');
  });

  test('PR-5: a proof of another purpose is rejected', async ({ server }) => {
    const person = await signUp(server);
    const { token } = await askForReset(server, person.email);
    const verify = await server.graphql(VERIFY_EMAIL, { input: { proof: { token } } });
    expect(typeOf(verify)).toBe('InvalidTokenError');
    const newEmail = 'purpose@example.com';
    const options = { token: person.accessToken };
    await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, options);
    const change = await server.mailTo(newEmail);
    expect(typeOf(await reset(server, { token: change.token }))).toBe('InvalidTokenError');
    expect(typeOf(await reset(server, { token }))).toBe('PasswordChanged');
  });

  test('PR-4: a reset voids a change of address that an intruder has requested', async ({
    server,
  }) => {
    const person = await signUp(server);
    const newEmail = 'intruder@example.com';
    const options = { token: person.accessToken };
    await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, options);
    const change = await server.mailTo(newEmail);
    const { token } = await askForReset(server, person.email);
    await reset(server, { token });
    const again = await signIn(server, { email: person.email, password: NEW_PASSWORD });
    const confirmed = await server.graphql(
      CONFIRM_EMAIL_CHANGE,
      { input: { proof: { token: change.token } } },
      { token: again.accessToken },
    );
    expect(typeOf(confirmed)).toBe('InvalidTokenError');
  });

  test('PR-3: a link that scanners and previews have opened still works', async ({ server }) => {
    const person = await signUp(server);
    const { token } = await askForReset(server, person.email);
    for (const method of ['GET', 'HEAD', 'GET', 'GET', 'HEAD', 'GET']) {
      const { status } = await server.request(`/reset-password?token=${token}`, { method });
      expect(status).toBe(200);
      // The page's script asks what the token is for.
      const { data } = await server.graphql(MAILED_TOKEN, { token });
      expect(data.mailedToken.email).toBe(person.email);
    }
    expect(typeOf(await reset(server, { token }))).toBe('PasswordChanged');
  });

  test('PR-6: a request changes nothing on the account', async ({ server }) => {
    const person = await signUp(server);
    await server.graphql(REQUEST_RESET, { input: { email: person.email } });
    await signIn(server, person);
    expect(await isSignedIn(server, person)).toBe(true);
  });

  test('a disabled account gets no mail, and an older proof is void for it', async ({ server }) => {
    const person = await signUp(server);
    const { token } = await askForReset(server, person.email);
    const { db } = server.app.deps;
    await queryDatabase(
      db,
      build.update(users).set({ disabledAt: new Date() }).where(eq(users.id, person.userId)),
    );
    expect(typeOf(await reset(server, { token }))).toBe('InvalidTokenError');
    const live = await queryDatabase(
      db,
      build
        .select()
        .from(sessions)
        .where(and(eq(sessions.userId, person.userId), isNull(sessions.revokedAt))),
    );
    expect(live).toHaveLength(1);
  });

  test('PW-11: a person without a password sets one by mail', async ({ server }) => {
    const person = await signUp(server);
    const { db } = server.app.deps;
    await queryDatabase(
      db,
      build.update(users).set({ passwordHash: null }).where(eq(users.id, person.userId)),
    );
    const { token } = await askForReset(server, person.email);
    expect(typeOf(await reset(server, { token }))).toBe('PasswordChanged');
    await signIn(server, { email: person.email, password: NEW_PASSWORD });
  });
});
