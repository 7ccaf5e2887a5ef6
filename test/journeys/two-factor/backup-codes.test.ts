import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signUp } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import {
  callAs,
  challengeOf,
  enrollTotp,
  forgetFailures,
  MFA,
  mailCount,
  verify,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const clock = createFakeClock();
const test = testWithServer({ clock, durations: 'as-configured' });

async function useCode(
  server: TestServer,
  person: { email: string; password: string },
  code: string,
) {
  const { challengeToken } = await challengeOf(server, person);
  return await verify(server, challengeToken, 'BACKUP_CODE', code);
}

test('BC-1, BC-2: a code is stored as argon2id and works once, in any spelling', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  const rows = await queryDatabase<{ hash: string }>(
    server.app.deps.db,
    sql`select hash from backup_codes where user_id = ${person.userId}`,
  );
  for (const { hash } of rows) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=/);
  const [first = ''] = person.backupCodes;
  const signedIn = await useCode(server, person, first.toLowerCase().replaceAll('-', ' '));
  expect(signedIn.viewer.session.methods).toEqual(['pwd', 'backup_code', 'mfa']);
  expect(signedIn.viewer.mfa.backupCodesRemaining).toBe(9);
  expect(await useCode(server, person, first)).toMatchObject({ __typename: 'InvalidCodeError' });
});

test('BC-1: a wrong code costs exactly one derivation, whether its position is used or not', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  const [used = ''] = person.backupCodes;
  expect((await useCode(server, person, used)).__typename).toBe('SignedIn');
  const { hasher } = server.app.deps;
  let derivations = 0;
  const verifyOne = hasher.verify;
  hasher.verify = async (...args) => {
    derivations += 1;
    return await verifyOne(...args);
  };
  try {
    const { challengeToken } = await challengeOf(server, person);
    expect(derivations).toBe(1);
    await verify(server, challengeToken, 'BACKUP_CODE', '0000-0000-0000');
    await verify(server, challengeToken, 'BACKUP_CODE', '9000-0000-0000');
    await verify(server, challengeToken, 'BACKUP_CODE', 'not a code');
    expect(derivations).toBe(1 + 2);
  } finally {
    hasher.verify = verifyOne;
  }
});

test('BC-5: each use is mailed, and so is the low number once three are left', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  await forgetFailures(server);
  for (const [index, code] of person.backupCodes.entries()) {
    const mails = await mailCount(server, person.email);
    expect(await useCode(server, person, code)).toMatchObject({ __typename: 'SignedIn' });
    const low = 9 - index <= 3;
    await server.mailTo(person.email, mails + (low ? 2 : 1));
    const subjects = server.mails.filter((mail) => mail.to === person.email).slice(mails);
    expect(subjects.map((mail) => mail.subject).toSorted()).toEqual(
      low
        ? ['A backup code was used', 'You are running out of backup codes']
        : ['A backup code was used'],
    );
  }
  expect((await challengeOf(server, person)).methods).toEqual(['TOTP']);
});

test('BC-5: a new set voids the old one, and a person without a factor gets none', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  const made = await callAs(server, person.accessToken, MFA.regenerate);
  expect(made.backupCodes).toHaveLength(10);
  // Whoever took over the session cannot create codes for the account unnoticed.
  const subjects = () => server.mails.filter((mail) => mail.to === person.email);
  await until(() => subjects().some((mail) => mail.subject === 'New backup codes were created'));
  expect(await useCode(server, person, person.backupCodes[3] ?? '')).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  expect(await useCode(server, person, made.backupCodes[3])).toMatchObject({
    __typename: 'SignedIn',
  });
  clock.advance(11 * 60_000);
  expect(await callAs(server, person.accessToken, MFA.regenerate)).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['TOTP', 'BACKUP_CODE'],
  });
  const nobody = await signUp(server);
  expect(await callAs(server, nobody.accessToken, MFA.regenerate)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
});

test('BC-4: a database failure in the middle is a 503 and uses nothing up', async ({ server }) => {
  const person = await enrollTotp(server, await signUp(server));
  const { db } = server.app.deps;
  const [code = ''] = person.backupCodes;
  const { challengeToken } = await challengeOf(server, person);
  // The last write of the redemption finds its table locked until the statement times out.
  await queryDatabase(
    db,
    sql`create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'injected' using errcode = '57P03'; end $$`,
  );
  await queryDatabase(
    db,
    sql`create trigger refuse before insert on sessions for each row execute function refuse()`,
  );
  const input = { challengeToken, method: 'BACKUP_CODE', code };
  const answer = await server.graphql(MFA.verify, { input });
  expect(answer.status).toBe(503);
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await queryDatabase(db, sql`drop trigger refuse on sessions`);
  expect(await verify(server, challengeToken, 'BACKUP_CODE', code)).toMatchObject({
    __typename: 'SignedIn',
  });
});
