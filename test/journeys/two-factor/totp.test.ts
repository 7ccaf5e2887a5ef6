import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { totpFactors } from '../../../src/db/tables/second-factor.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { refresh, signIn, signUp } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import {
  challengeOf,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  signInWithTotp,
  totpCode,
  verify,
  wrongCode,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

const now = () => clock.now();
const step = () => clock.advance(30_000);
const call = async (server: TestServer, document: string, token: string, input?: object) =>
  Object.values((await server.graphql(document, input && { input }, { token })).data)[0] as never;

test('a person sets up an app, is asked for a code, and signs in with it', async ({ server }) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  const mails = await mailCount(server, person.email);
  const enrolled = await enrollTotp(server, person);
  expect(enrolled.backupCodes).toHaveLength(10);
  expect((await server.mailTo(person.email, mails + 1)).subject).toContain(
    'Two-step verification method added',
  );
  // SE-3, TO-7: every other session has ended; this one continues and its refresh token works.
  expect((await refresh(server, other.refreshToken)).__typename).toBe('InvalidTokenError');
  const [ended] = await queryDatabase<{ because: string }>(
    server.app.deps.db,
    sql`select revoked_because as because from sessions where id = ${other.sessionId}`,
  );
  expect(ended?.because).toBe('credentials-changed');
  const { data } = await server.graphql(MFA.viewer, undefined, { token: person.accessToken });
  expect(data.viewer.mfa).toEqual({
    enabled: true,
    totp: true,
    email: false,
    passkey: false,
    backupCodesRemaining: 10,
    enrollmentRequired: false,
  });
  expect((await refresh(server, person.refreshToken)).__typename).toBe('SignedIn');

  step();
  const challenge = await challengeOf(server, person);
  expect(challenge).toEqual({
    __typename: 'MfaRequired',
    challengeToken: expect.stringMatching(/^lkc_[\w-]{43}$/),
    expiresAt: new Date(now().getTime() + 300_000).toISOString(),
    methods: ['TOTP', 'BACKUP_CODE'],
  });
  const code = totpCode(enrolled.secret, now());
  const signedIn = await verify(server, challenge.challengeToken, 'TOTP', code);
  expect(signedIn.__typename).toBe('SignedIn');
  // TO-7, EO-7: the token and the session name what was proven.
  expect(signedIn.viewer.session.methods).toEqual(['pwd', 'otp', 'mfa']);
  const [, payload = ''] = signedIn.accessToken.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect(claims.amr).toEqual(['pwd', 'otp', 'mfa']);
  expect(claims.auth_time).toBe(Math.floor(now().getTime() / 1000));
});

test('TO-4: the code that confirmed the app, or signed in, is rejected everywhere afterwards', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  const atEnrollment = totpCode(person.secret, now());
  const first = await challengeOf(server, person);
  expect((await verify(server, first.challengeToken, 'TOTP', atEnrollment)).__typename).toBe(
    'InvalidCodeError',
  );
  step();
  const signedIn = await signInWithTotp(server, person);
  const again = { code: { method: 'TOTP', code: totpCode(person.secret, now()) } };
  const stepUp = await call(server, MFA.reauthenticate, signedIn.accessToken, again);
  expect(stepUp).toMatchObject({ __typename: 'InvalidCodeError' });
  // The step before it, still within the tolerance, is used up with it (TO-3).
  const older = { code: { method: 'TOTP', code: atEnrollment } };
  expect(await call(server, MFA.reauthenticate, signedIn.accessToken, older)).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  step();
  const next = { code: { method: 'TOTP', code: totpCode(person.secret, now()) } };
  expect(await call(server, MFA.reauthenticate, signedIn.accessToken, next)).toMatchObject({
    __typename: 'SignedIn',
  });
});

type Begun = { readonly secret: string; readonly otpauthUri: string; readonly expiresAt: string };

/** Calls `enableTotp` with this token from an address. */
async function begin(server: TestServer, token: string, address?: string): Promise<Begun> {
  const { data } = await server.graphql(MFA.enableTotp, undefined, {
    token,
    ...(address && { address }),
  });
  expect(data.enableTotp).toMatchObject({ __typename: 'TotpEnrollment' });
  return data.enableTotp;
}

const confirmAs = (server: TestServer, token: string, secret: string) =>
  call(server, MFA.confirmTotp, token, { code: totpCode(secret, now()) });

test('TO-6: a pending setup is not asked for at sign-in, is shown again unchanged and expires after ten minutes', async ({
  server,
}) => {
  const person = await signUp(server);
  const token = person.accessToken;
  expect(await confirmAs(server, token, 'A'.repeat(32))).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
  const first = await begin(server, token);
  await signIn(server, person);
  clock.advance(9 * 60_000);
  const fresh = await call(server, MFA.reauthenticate, token, { password: person.password });
  expect(fresh).toMatchObject({ __typename: 'SignedIn' });
  // The page is reloaded: the same QR code, without a longer lifetime.
  expect(await begin(server, token)).toEqual(first);
  expect(first.expiresAt).toBe(new Date(now().getTime() + 60_000).toISOString());
  clock.advance(60_000);
  expect(await confirmAs(server, token, first.secret)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
  expect((await begin(server, token)).secret).not.toBe(first.secret);
  await signIn(server, person);
});

test('TO-6: one session that starts many times concurrently is shown one secret', async ({
  server,
}) => {
  const { accessToken } = await signUp(server);
  const shown = await Promise.all(Array.from({ length: 8 }, () => begin(server, accessToken)));
  expect(new Set(shown.map(({ secret }) => secret)).size).toBe(1);
  expect(await confirmAs(server, accessToken, shown[0]?.secret ?? '')).toMatchObject({
    __typename: 'MfaEnabled',
  });
});

test('TO-6: a thief in another session is not shown the secret that the owner is about to confirm', async ({
  server,
}) => {
  const owner = await signUp(server);
  const thief = await signIn(server, owner);
  const scanned = await begin(server, owner.accessToken);
  const seen = await begin(server, thief.accessToken);
  expect(seen.secret).not.toBe(scanned.secret);
  // The owner notices: the scanned secret is void, as if nothing had been shown twice.
  expect(await confirmAs(server, owner.accessToken, scanned.secret)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
  const again = await begin(server, owner.accessToken);
  expect([seen.secret, scanned.secret]).not.toContain(again.secret);
  expect(await confirmAs(server, owner.accessToken, again.secret)).toMatchObject({
    __typename: 'MfaEnabled',
  });
  step();
  const { challengeToken } = await challengeOf(server, owner);
  const stolen = totpCode(seen.secret, now());
  expect(await verify(server, challengeToken, 'TOTP', stolen)).toMatchObject({
    __typename: 'InvalidCodeError',
  });
});

test('TO-6: the owner is not shown a secret that a thief requested in another session', async ({
  server,
}) => {
  const owner = await signUp(server);
  const thief = await signIn(server, owner);
  const planted = await begin(server, thief.accessToken);
  // The owner's session cannot be made to confirm it either.
  expect(await confirmAs(server, owner.accessToken, planted.secret)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
  expect((await begin(server, owner.accessToken)).secret).not.toBe(planted.secret);
  expect(await confirmAs(server, thief.accessToken, planted.secret)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
});

test('TO-6: a stolen token of the same session, used from another network, voids the secret and is not shown it', async ({
  server,
}) => {
  const { accessToken } = await signUp(server);
  const scanned = await begin(server, accessToken, '192.0.2.1');
  const seen = await begin(server, accessToken, '198.51.100.7');
  expect(seen.secret).not.toBe(scanned.secret);
  expect(await confirmAs(server, accessToken, scanned.secret)).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  // Within one IPv6 network, a device changes its address by itself (RFC 8981).
  const home = await begin(server, accessToken, '2001:db8:1:2::a');
  expect((await begin(server, accessToken, '2001:db8:1:2:ffff::b')).secret).toBe(home.secret);
});

test('TO-6: showing the secret again needs a recent authentication and is recorded', async ({
  server,
}) => {
  const person = await signUp(server);
  const token = person.accessToken;
  await begin(server, token);
  await begin(server, token);
  const [events] = await queryDatabase<{ count: number }>(
    server.app.deps.db,
    sql`select count(*)::int as count from audit_events
      where user_id = ${person.userId} and type = 'MFA_ENROLLMENT_STARTED'`,
  );
  expect(events?.count).toBe(2);
  await queryDatabase(
    server.app.deps.db,
    sql`update sessions set authenticated_at = ${new Date(now().getTime() - 11 * 60_000).toISOString()}
      where id = ${person.sessionId}`,
  );
  expect(await call(server, MFA.enableTotp, token)).toMatchObject({
    __typename: 'StepUpRequiredError',
  });
});

test('setting it up twice is rejected', async ({ server }) => {
  const person = await enrollTotp(server, await signUp(server));
  expect(await call(server, MFA.enableTotp, person.accessToken)).toMatchObject({
    __typename: 'MfaAlreadyEnabledError',
  });
});

test('TO-8: after the clock was set back, codes are rejected, the operator is notified, and time resolves it', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  clock.advance(-600_000);
  const back = await challengeOf(server, person);
  const code = totpCode(person.secret, now());
  expect(await verify(server, back.challengeToken, 'TOTP', code)).toMatchObject({
    __typename: 'InvalidCodeError',
    attemptsRemaining: 4,
  });
  expect(
    server.logged.some((line) => line.message === 'clock behind last authenticator code'),
  ).toBe(true);
  clock.advance(660_000);
  await signInWithTotp(server, person);
});

test('TO-9: text that is not six digits is rejected without being counted', async ({ server }) => {
  const person = await enrollTotp(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  for (const code of ['12345', '1234567', 'abcdef', '٢٨٧٠٨٢']) {
    expect(await verify(server, challengeToken, 'TOTP', code)).toMatchObject({
      __typename: 'InvalidCodeError',
      attemptsRemaining: 5,
    });
  }
  expect(await verify(server, challengeToken, 'PASSKEY', '123456')).toMatchObject({
    attemptsRemaining: 5,
  });
  expect(
    await verify(server, challengeToken, 'TOTP', wrongCode(person.secret, now())),
  ).toMatchObject({ attemptsRemaining: 4 });
});

test('TO-5: a secret that was copied to another person’s row cannot be opened', async ({
  server,
}) => {
  const ada = await enrollTotp(server, await signUp(server));
  const bob = await enrollTotp(server, await signUp(server));
  await queryDatabase(
    server.app.deps.db,
    sql`update ${totpFactors} set sealed_secret = (select sealed_secret from ${totpFactors} where user_id = ${ada.userId}) where user_id = ${bob.userId}`,
  );
  step();
  const { challengeToken } = await challengeOf(server, bob);
  const input = { challengeToken, method: 'TOTP', code: totpCode(ada.secret, now()) };
  const answer = await server.graphql(MFA.verify, { input });
  expect(answer.data?.verifyMfa?.__typename).not.toBe('SignedIn');
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
});

test('TO-7, MF-7: disabling requires a recent second factor, and the last factor removes the backup codes', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  clock.advance(11 * 60_000);
  const { accessToken: token } = await signInWithTotp(server, person);
  clock.advance(11 * 60_000);
  expect(await call(server, MFA.disableTotp, token)).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['TOTP', 'BACKUP_CODE'],
  });
  // The password alone is not enough: the factor protects against whoever stole the password.
  const byPassword: { accessToken: string } = await call(server, MFA.reauthenticate, token, {
    password: person.password,
  });
  expect(await call(server, MFA.disableTotp, byPassword.accessToken)).toMatchObject({
    __typename: 'StepUpRequiredError',
  });
  const code = { code: { method: 'TOTP', code: totpCode(person.secret, now()) } };
  await call(server, MFA.reauthenticate, token, code);
  const other = await challengeOf(server, person);
  const mails = await mailCount(server, person.email);
  const disabled: { viewer: { mfa: object } } = await call(server, MFA.disableTotp, token);
  expect(disabled.viewer.mfa).toMatchObject({
    enabled: false,
    totp: false,
    backupCodesRemaining: 0,
  });
  expect((await server.mailTo(person.email, mails + 1)).subject).toContain('removed');
  // The pending challenge ended with it (MF-2), and the next sign-in asks for nothing.
  clock.advance(30_000);
  const late = totpCode(person.secret, now());
  expect(await verify(server, other.challengeToken, 'TOTP', late)).toMatchObject({
    __typename: 'ChallengeExpiredError',
  });
  await signIn(server, person);
  const rows = await queryDatabase(
    server.app.deps.db,
    sql`select 1 from backup_codes where user_id = ${person.userId}`,
  );
  expect(rows).toHaveLength(0);
  expect(await call(server, MFA.disableTotp, token)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
});

test('if a second factor remains, the backup codes and the requirement remain', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  step();
  const { accessToken: token } = await signInWithTotp(server, person);
  const both = await enrollEmail(server, { ...person, accessToken: token });
  expect(both.backupCodes).toEqual([]);
  const disabled: { viewer: { mfa: object } } = await call(server, MFA.disableTotp, token);
  expect(disabled.viewer.mfa).toMatchObject({ enabled: true, backupCodesRemaining: 10 });
  expect((await challengeOf(server, person)).methods).toEqual(['EMAIL', 'BACKUP_CODE']);
});
