import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signIn, signUp } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { callAs, enrollTotp, MFA, mailCount, signInWithTotp } from '../../support/second-factor.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

test('SE-6: a person with a password proves the password, and a mailed code is rejected', async ({
  server,
}) => {
  const { accessToken: token, password } = await signUp(server);
  clock.advance(11 * 60_000);
  expect(await callAs(server, token, MFA.enableTotp)).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['PASSWORD'],
    maxAgeSeconds: 600,
  });
  for (const method of ['TOTP', 'EMAIL', 'BACKUP_CODE', 'PASSKEY']) {
    const code = method === 'EMAIL' ? '12345678' : '123456';
    const answer = await callAs(server, token, MFA.reauthenticate, { code: { method, code } });
    expect(answer.__typename).toBe('InvalidCodeError');
  }
  expect((await callAs(server, token, MFA.sendReauthenticationCode)).__typename).toBe(
    'MfaNotEnabledError',
  );
  await callAs(server, token, MFA.reauthenticate, { password });
  expect((await callAs(server, token, MFA.enableTotp)).__typename).toBe('TotpEnrollment');
});

test('SE-6: a person with neither password nor second factor reauthenticates with a mailed code', async ({
  server,
}) => {
  const person = await signUp(server);
  const elsewhere = await signIn(server, person);
  const { email, userId, accessToken: token } = person;
  await queryDatabase(
    server.app.deps.db,
    sql`update users set password_hash = null where id = ${userId}`,
  );
  clock.advance(11 * 60_000);
  expect(await callAs(server, token, MFA.enableTotp)).toMatchObject({ methods: ['EMAIL'] });
  const count = (await mailCount(server, email)) + 1;
  expect(await callAs(server, token, MFA.sendReauthenticationCode)).toMatchObject({
    __typename: 'EmailSent',
    email,
  });
  const { code } = await server.mailTo(email, count);
  const input = { code: { method: 'EMAIL', code } };
  // EO-3: bound to the session that requested it.
  const stolen = await callAs(server, elsewhere.accessToken, MFA.reauthenticate, input);
  expect(stolen.__typename).toBe('InvalidCodeError');
  const proven = await callAs(server, token, MFA.reauthenticate, input);
  expect(proven.viewer.session.methods).toEqual(['email', 'otp']);
  expect((await callAs(server, token, MFA.enableTotp)).__typename).toBe('TotpEnrollment');
});

test('a backup code steps up once and is reported by mail', async ({ server }) => {
  const person = await enrollTotp(server, await signUp(server));
  clock.advance(30_000);
  const { accessToken: token } = await signInWithTotp(server, person);
  clock.advance(11 * 60_000);
  const mails = await mailCount(server, person.email);
  const input = { code: { method: 'BACKUP_CODE', code: person.backupCodes[4] } };
  const proven = await callAs(server, token, MFA.reauthenticate, input);
  expect(proven.viewer.session.methods).toEqual(['pwd', 'otp', 'mfa', 'backup_code']);
  expect((await server.mailTo(person.email, mails + 1)).subject).toBe('A backup code was used');
  expect((await callAs(server, token, MFA.reauthenticate, input)).__typename).toBe(
    'InvalidCodeError',
  );
  expect((await callAs(server, token, MFA.disableTotp)).__typename).toBe('MfaDisabled');
});
