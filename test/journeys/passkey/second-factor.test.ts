import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { type Person, signIn, signUp } from '../../support/journeys.ts';
import {
  enrollAsFactor,
  mfaProof,
  PASSKEY_MFA,
  signInWithFactor,
  verifyPasskey,
} from '../../support/passkey-factor.ts';
import { authenticatorFor, enroll, signInWithPasskey } from '../../support/passkeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import {
  callAs,
  challengeOf,
  enrollTotp,
  forgetFailures,
  MFA,
  verify,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { isSignedIn, mailTitled } from '../account-care.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

const statusOf = async (server: TestServer, accessToken: string) =>
  (await server.graphql(MFA.viewer, undefined, { token: accessToken })).data.viewer.mfa;

const auditOf = (server: TestServer, { userId }: Person) =>
  queryDatabase<{ type: string; detail: Record<string, unknown> }>(
    server.app.deps.db,
    sql`select type, detail from audit_events where user_id = ${userId} order by id`,
  );

const byReason = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  String(a['reason']).localeCompare(String(b['reason']));

/** A person whose only second factor is a passkey. */
async function guarded(server: TestServer) {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  const added = await enrollAsFactor(server, person, authenticator);
  return { person, authenticator, added };
}

describe('a passkey as the second factor', () => {
  test('PK-5c: a passkey alone changes nothing for the password; the person’s choice does, until they take it back', async ({
    server,
  }) => {
    const person = await signUp(server);
    const authenticator = authenticatorFor(server);
    await enroll(server, person, authenticator);
    expect((await signIn(server, person)).userId).toBe(person.userId);
    expect(await statusOf(server, person.accessToken)).toMatchObject({
      passkey: false,
      enabled: false,
    });
    const enabled = await callAs(server, person.accessToken, PASSKEY_MFA.enable);
    expect(enabled.__typename).toBe('MfaEnabled');
    expect(enabled.backupCodes).toHaveLength(10);
    expect(await statusOf(server, person.accessToken)).toMatchObject({
      passkey: true,
      enabled: true,
    });
    expect((await challengeOf(server, person)).methods).toEqual(['PASSKEY', 'BACKUP_CODE']);
    const { accessToken } = await signInWithFactor(server, person, authenticator);
    expect(decodeJwt(accessToken)['amr']).toEqual(['pwd', 'pop', 'user', 'mfa']);
    const again = await callAs(server, accessToken, PASSKEY_MFA.enable);
    expect(again.__typename).toBe('MfaAlreadyEnabledError');
    clock.advance(1);
    const disabled = await callAs(server, accessToken, PASSKEY_MFA.disable);
    expect(disabled.__typename).toBe('MfaDisabled');
    const twice = await callAs(server, accessToken, PASSKEY_MFA.disable);
    expect(twice.__typename).toBe('MfaNotEnabledError');
    expect((await signIn(server, person)).userId).toBe(person.userId);
    expect((await signInWithPasskey(server, authenticator)).__typename).toBe('SignedIn');
    const events = (await auditOf(server, person)).filter(({ type }) => type.startsWith('MFA_'));
    expect(events).toEqual([
      { type: 'MFA_ENABLED', detail: { method: 'passkey' } },
      { type: 'MFA_DISABLED', detail: { method: 'passkey' } },
    ]);
    await mailTitled(server, person.email, 'Two-step verification method added');
    await mailTitled(server, person.email, 'Two-step verification method removed');
  });

  test('enabling and disabling it ends every other session', async ({ server }) => {
    const person = await signUp(server);
    const authenticator = authenticatorFor(server);
    await enroll(server, person, authenticator);
    const other = await signIn(server, person);
    await callAs(server, person.accessToken, PASSKEY_MFA.enable);
    expect(await isSignedIn(server, other)).toBe(false);
    const signedIn = await signInWithFactor(server, person, authenticator);
    const third = await signInWithFactor(server, person, authenticator);
    await callAs(server, signedIn.accessToken, PASSKEY_MFA.disable);
    expect(await isSignedIn(server, third)).toBe(false);
    expect(await isSignedIn(server, signedIn)).toBe(true);
  });

  test('a person without a passkey cannot enable it', async ({ server }) => {
    const { accessToken } = await signUp(server);
    const refused = await callAs(server, accessToken, PASSKEY_MFA.enable);
    expect(refused.__typename).toBe('NotFoundError');
  });

  test('any own passkey answers, not only the one that was enrolled as the factor', async ({
    server,
  }) => {
    const { person, added } = await guarded(server);
    expect(added.backupCodes).toHaveLength(10);
    const key = authenticatorFor(server, { synced: false });
    const second = await enroll(server, person, key);
    expect(second).toMatchObject({ __typename: 'PasskeyAdded', backupCodes: null });
    const signedIn = await signInWithFactor(server, person, key);
    expect(signedIn.viewer.user.id).toBe(person.userId);
  });

  test('one mail, and not two, reports a passkey that also becomes the second factor', async ({
    server,
  }) => {
    const { person } = await guarded(server);
    const mail = await mailTitled(server, person.email, 'A passkey was added to your account');
    expect(mail.text).toContain('now asks for a passkey as the second step');
    const subjects = server.mails.filter(({ to }) => to === person.email);
    expect(subjects.map(({ subject }) => subject).slice(1)).toEqual([
      'A passkey was added to your account',
    ]);
    const types = (await auditOf(server, person)).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['PASSKEY_ADDED', 'MFA_ENABLED', 'BACKUP_CODES_GENERATED']),
    );
  });

  test('PK-2d: a passkey that signs in alone is not followed by a second factor, whichever is enrolled', async ({
    server,
  }) => {
    const { person, authenticator } = await guarded(server);
    await enrollTotp(server, person);
    const signedIn = await signInWithPasskey(server, authenticator);
    expect(signedIn.__typename).toBe('SignedIn');
    expect((await callAs(server, signedIn.accessToken, MFA.disableTotp)).__typename).toBe(
      'MfaDisabled',
    );
  });
});

describe('PK-2e: the proof belongs to the challenge', () => {
  test('a passkey of somebody else is refused and counted, with codes in one budget of five', async ({
    server,
  }) => {
    const { person, authenticator } = await guarded(server);
    const thief = await guarded(server);
    const { challengeToken } = await challengeOf(server, person);
    const [foreign] = thief.authenticator.passkeys;
    for (let n = 0; n < 3; n += 1) {
      const proof = await mfaProof(server, challengeToken, thief.authenticator, {
        ...(foreign && { passkey: foreign }),
      });
      const refused = await verifyPasskey(server, challengeToken, proof);
      expect(refused.__typename).toBe('InvalidPasskeyError');
    }
    const code = await verify(server, challengeToken, 'BACKUP_CODE', '0000-0000-0000');
    expect(code).toMatchObject({ __typename: 'InvalidCodeError', attemptsRemaining: 1 });
    const last = await mfaProof(server, challengeToken, authenticator, {
      overrides: { userVerified: false },
    });
    const refused = await verifyPasskey(server, challengeToken, last);
    expect(refused.__typename).toBe('InvalidPasskeyError');
    const { data } = await server.graphql(PASSKEY_MFA.start, { input: { challengeToken } });
    expect(data.startPasskeyMfa.__typename).toBe('ChallengeExpiredError');
    const failed = (await auditOf(server, person)).filter(
      ({ type }) => type === 'SECOND_FACTOR_FAILED',
    );
    const about = { method: 'PASSKEY', firstFactor: 'pwd' };
    // Events of the same moment have either order.
    const details = failed.map(({ detail: { passkey: _, ...detail } }) => detail);
    expect(details.toSorted(byReason)).toEqual(
      [
        { method: 'BACKUP_CODE', firstFactor: 'pwd' },
        { ...about, reason: 'other-person' },
        { ...about, reason: 'other-person' },
        { ...about, reason: 'other-person' },
        { ...about, reason: 'user-not-verified' },
      ].toSorted(byReason),
    );
    // The owner of the presented passkey is not concerned.
    const theirs = (await auditOf(server, thief.person)).map(({ type }) => type);
    expect(theirs).not.toContain('SECOND_FACTOR_FAILED');
    await forgetFailures(server);
  });

  test('RL-8: thirty failures of a day close passkeys, too, and a success gives its attempt back', async ({
    server,
  }) => {
    const { person, authenticator } = await guarded(server);
    await signInWithFactor(server, person, authenticator);
    const spent = await queryDatabase<{ failures: number }>(
      server.app.deps.db,
      sql`select failures from second_factor_failures where user_id = ${person.userId}`,
    );
    expect(spent).toEqual([{ failures: 0 }]);
    await queryDatabase(
      server.app.deps.db,
      sql`update second_factor_failures set failures = 30 where user_id = ${person.userId}`,
    );
    const { challengeToken } = await challengeOf(server, person);
    const proof = await mfaProof(server, challengeToken, authenticator);
    const refused = await verifyPasskey(server, challengeToken, proof);
    expect(refused.__typename).toBe('RateLimitedError');
    await forgetFailures(server);
  });

  test('PK-1a: a proof for one challenge is refused by another challenge of the same person', async ({
    server,
  }) => {
    const { person, authenticator } = await guarded(server);
    const one = await challengeOf(server, person);
    const two = await challengeOf(server, person);
    const proof = await mfaProof(server, one.challengeToken, authenticator);
    const crossed = await verifyPasskey(server, two.challengeToken, proof);
    expect(crossed.__typename).toBe('InvalidPasskeyError');
    // The refusal spent nothing: the ceremony is not of that challenge.
    const right = await verifyPasskey(server, one.challengeToken, proof);
    expect(right.__typename).toBe('SignedIn');
  });

  test('a challenge that does not list PASSKEY starts none', async ({ server }) => {
    const person = await signUp(server);
    await enroll(server, person, authenticatorFor(server));
    await enrollTotp(server, person);
    const { challengeToken, methods } = await challengeOf(server, person);
    expect(methods).toEqual(['TOTP', 'BACKUP_CODE']);
    const { data } = await server.graphql(PASSKEY_MFA.start, { input: { challengeToken } });
    expect(data.startPasskeyMfa.__typename).toBe('MfaNotEnabledError');
  });

  test('verifyMfa with the method PASSKEY answers InvalidCodeError and counts no attempt', async ({
    server,
  }) => {
    const { person, authenticator } = await guarded(server);
    const { challengeToken } = await challengeOf(server, person);
    const refused = await verify(server, challengeToken, 'PASSKEY', '123456');
    expect(refused).toMatchObject({ __typename: 'InvalidCodeError', attemptsRemaining: 5 });
    const proof = await mfaProof(server, challengeToken, authenticator);
    expect((await verifyPasskey(server, challengeToken, proof)).__typename).toBe('SignedIn');
  });

  test('a passkey that was removed, and a factor that was disabled, after the challenge: the challenge has ended', async ({
    server,
  }) => {
    for (const act of ['remove', 'disable'] as const) {
      const { person, authenticator, added } = await guarded(server);
      const { challengeToken } = await challengeOf(server, person);
      const proof = await mfaProof(server, challengeToken, authenticator);
      const done =
        act === 'remove'
          ? await callAs(server, person.accessToken, PASSKEY_MFA.remove, {
              passkeyId: added.passkey.id,
            })
          : await callAs(server, person.accessToken, PASSKEY_MFA.disable);
      expect(done.__typename).toMatch(/^(PasskeyRemoved|MfaDisabled)$/);
      const late = await verifyPasskey(server, challengeToken, proof);
      expect(late.__typename).toBe('ChallengeExpiredError');
    }
  });

  test('PK-3: a security key whose counter did not rise completes no challenge, and its owner is mailed once', async ({
    server,
  }) => {
    const person = await signUp(server);
    const key = authenticatorFor(server, { synced: false });
    await enrollAsFactor(server, person, key, 'YubiKey 5 NFC');
    await signInWithFactor(server, person, key);
    for (let n = 0; n < 2; n += 1) {
      const { challengeToken } = await challengeOf(server, person);
      const overrides = { counter: 2 };
      const copy = await mfaProof(server, challengeToken, key, { overrides });
      const refused = await verifyPasskey(server, challengeToken, copy);
      expect(refused.__typename).toBe('InvalidPasskeyError');
    }
    const title = 'One of your passkeys may have been copied';
    const mail = await mailTitled(server, person.email, title);
    expect(mail.text).toContain('the passkey “YubiKey 5 NFC”');
    expect(server.mails.filter(({ subject }) => subject === title)).toHaveLength(1);
    const alarms = (await auditOf(server, person)).filter(
      ({ type }) => type === 'PASSKEY_COUNTER_ALARM',
    );
    expect(alarms).toHaveLength(1);
    await forgetFailures(server);
  });
});

test('EO-6: a passkey proves that a password set by mail is the person’s own', async ({
  server,
}) => {
  const { person, authenticator } = await guarded(server);
  await queryDatabase(
    server.app.deps.db,
    sql`update users set password_from_mail = true where id = ${person.userId}`,
  );
  await signInWithFactor(server, person, authenticator);
  const [row] = await queryDatabase<{ trusted: boolean }>(
    server.app.deps.db,
    sql`select not password_from_mail as trusted from users where id = ${person.userId}`,
  );
  expect(row).toEqual({ trusted: true });
});

test('a session that enabled it with the password alone must prove it before the next sensitive act', async ({
  server,
}) => {
  const person = await signUp(server);
  await enroll(server, person, authenticatorFor(server));
  const { accessToken } = await signIn(server, person);
  await callAs(server, accessToken, PASSKEY_MFA.enable);
  const refused = await callAs(server, accessToken, PASSKEY_MFA.disable);
  expect(refused).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['PASSKEY', 'BACKUP_CODE'],
  });
});

test('a ceremony for a challenge ends with the challenge', async ({ server }) => {
  const { person } = await guarded(server);
  const { challengeToken } = await challengeOf(server, person);
  clock.advance(3 * MINUTE);
  const { data } = await server.graphql(PASSKEY_MFA.start, { input: { challengeToken } });
  const { expiresAt, options } = data.startPasskeyMfa;
  expect(new Date(expiresAt).getTime() - clock.now().getTime()).toBe(2 * MINUTE);
  expect(options).toMatchObject({ timeout: 2 * MINUTE, userVerification: 'required' });
  expect(options['allowCredentials']).toHaveLength(1);
});
