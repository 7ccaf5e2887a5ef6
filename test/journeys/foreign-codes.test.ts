import { expect } from 'vitest';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { callAs, codeMailedBy, enrollEmail, MFA } from '../support/second-factor.ts';
import {
  CONFIRM_EMAIL_CHANGE,
  mailTitled,
  REQUEST_EMAIL_CHANGE,
  TITLES,
  typeOf,
} from './account-care.ts';

// EO-3: a code is verified only for the person and session that it was mailed for, and nobody else uses up its
// attempts.

const clock = createFakeClock();
const test = testWithServer({ clock });

const WRONG = '00000000';

test('EO-3: a signed-in person cannot use up the attempts at another person’s new address', async ({
  server,
}) => {
  const [person, other] = [await signUp(server), await signUp(server)];
  const newEmail = 'moving@example.com';
  await server.graphql(
    REQUEST_EMAIL_CHANGE,
    { input: { newEmail } },
    { token: person.accessToken },
  );
  const { code } = await mailTitled(server, newEmail, TITLES.confirmChange);
  const confirm = (who: Person, tried: string) =>
    server.graphql(
      CONFIRM_EMAIL_CHANGE,
      { input: { proof: { code: { email: newEmail, code: tried } } } },
      { token: who.accessToken },
    );
  for (let n = 0; n < 6; n += 1) {
    expect(typeOf(await confirm(other, n === 5 ? code : WRONG))).toBe('InvalidTokenError');
  }
  expect(typeOf(await confirm(person, code))).toBe('EmailChanged');
});

test('EO-3, LO-1: another session of the person cannot use a mailed code or its attempts, and each attempt is audited', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signIn(server, await signUp(server)));
  const { db } = server.app.deps;
  const code = await codeMailedBy(server, person.email, () =>
    callAs(server, person.accessToken, MFA.sendReauthenticationCode),
  );
  // A session of the same person that signed in with a backup code.
  const input = { email: person.email, password: person.password };
  const challenge = (await server.graphql(MFA.challenge, { input })).data.login;
  const entered = (
    await server.graphql(MFA.verify, {
      input: {
        challengeToken: challenge.challengeToken,
        method: 'BACKUP_CODE',
        code: person.backupCodes[0] ?? '',
      },
    })
  ).data.verifyMfa;
  const prove = (token: string, tried: string) =>
    callAs(server, token, MFA.reauthenticate, { code: { method: 'EMAIL', code: tried } });
  for (const tried of [code, WRONG, WRONG, WRONG, WRONG, WRONG]) {
    expect((await prove(entered.accessToken, tried)).__typename).toBe('InvalidCodeError');
  }
  const [row] = await queryDatabase<{ n: number }>(
    db,
    `select count(*)::int as n from audit_events
      where type = 'REAUTHENTICATION_FAILED' and user_id = '${person.userId}'`,
  );
  expect(row?.n).toBe(6);
  expect((await prove(person.accessToken, code)).__typename).toBe('SignedIn');
});
