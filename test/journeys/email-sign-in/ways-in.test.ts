import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../src/db/statement.ts';
import { emailFactors } from '../../../src/db/tables/second-factor.ts';
import { users } from '../../../src/db/tables/user.ts';
import { createFakeClock } from '../../support/clock.ts';
import { PASSWORD, REGISTER } from '../../support/journeys.ts';
import { roundTrip, startServerWith, UNLINK } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { callAs, codeMailedBy, enrollEmail, enrollTotp, MFA } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { mailTitled, TITLES } from '../account-care.ts';
import { completeSignIn, linkOf, mailedToken, requestSignIn } from './acts.ts';

const clock = createFakeClock();
let provider: ForgingProvider;
let server: TestServer;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  const env = { EMAIL_SIGN_IN: 'register' };
  server = await startServerWith([provider.setting()], { clock, env });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** An account that a provider made: an identity, no password. */
async function byProvider(name: string) {
  const email = `${name}@example.com`;
  const made = await roundTrip(server, provider, { sub: name, email, email_verified: true });
  const { accessToken, viewer } = made;
  const person = { email, password: '', refreshToken: '', sessionId: '' };
  const [{ id: identityId }] = viewer.identities;
  return { ...person, accessToken, userId: viewer.user.id as string, identityId };
}

const unlink = async ({ accessToken, identityId }: { accessToken: string; identityId: string }) =>
  (await callAs(server, accessToken, UNLINK, { identityId })).__typename;

const byMail = async (email: string) =>
  await completeSignIn(server, linkOf(await requestSignIn(server, email)));

describe('OA-11: the mailbox is a way to sign in where EMAIL_SIGN_IN is on', () => {
  test('OA-11: the last linked account can be unlinked, and its person still signs in by mail', async () => {
    const person = await byProvider('unlinks');
    expect(await unlink(person)).toBe('IdentityUnlinked');
    expect((await byMail(person.email)).viewer.user.id).toBe(person.userId);
  });

  test('OA-11: also with an app, which a sign-in by mail then asks for', async () => {
    const person = await byProvider('with-app');
    await enrollTotp(server, person);
    expect(await unlink(person)).toBe('IdentityUnlinked');
    expect((await byMail(person.email)).methods).toEqual(['TOTP', 'BACKUP_CODE']);
  });

  test('OA-11, EL-4: not with codes by mail alone, which the sign-in by mail could never be answered with', async () => {
    const person = await byProvider('with-codes');
    await enrollEmail(server, person);
    expect((await byMail(person.email)).methods).toEqual(['BACKUP_CODE']);
    expect(await unlink(person)).toBe('LastCredentialError');
  });

  test('OA-11: not with an address that was never verified', async () => {
    const person = await byProvider('unproven');
    const { db } = server.app.deps;
    const unproven = { emailVerifiedAt: null };
    await queryDatabase(db, build.update(users).set(unproven).where(eq(users.id, person.userId)));
    expect(await unlink(person)).toBe('LastCredentialError');
  });
});

test('PR-11: the first sign-in by mail makes the account, and ends the links of waiting registrations', async () => {
  const email = 'waits-for-a-click@example.com';
  await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
  const { token } = await mailTitled(server, email, TITLES.verify);
  expect((await mailedToken(server, token)).kind).toBe('VERIFY_EMAIL');
  expect((await byMail(email)).__typename).toBe('SignedIn');
  expect(await mailedToken(server, token)).toBeNull();
});

describe('EL-4: codes by mail are no second factor of a person who has nothing but the mailbox', () => {
  test('EL-4: they cannot be set up', async () => {
    const { accessToken } = await byMail('nothing-else@example.com');
    const refused = await callAs(server, accessToken, MFA.enableEmailMfa);
    expect(refused.__typename).toBe('MailboxOnlyError');
    // An app can.
    const enrollment = await callAs(server, accessToken, MFA.enableTotp);
    expect(enrollment.__typename).toBe('TotpEnrollment');
  });

  test('EL-4: nor confirmed once the last other way in was removed', async () => {
    const person = await byProvider('meanwhile');
    const { accessToken } = person;
    const code = await codeMailedBy(server, person.email, () =>
      callAs(server, accessToken, MFA.enableEmailMfa),
    );
    expect(await unlink(person)).toBe('IdentityUnlinked');
    const refused = await callAs(server, accessToken, MFA.confirmEmailMfa, { code });
    expect(refused.__typename).toBe('MailboxOnlyError');
    const rows = await queryDatabase(
      server.app.deps.db,
      build.select().from(emailFactors).where(eq(emailFactors.userId, person.userId)),
    );
    expect(rows).toEqual([]);
  });

  test('they can with a linked account', async () => {
    const person = await byProvider('linked');
    await enrollEmail(server, person);
    const again = await callAs(server, person.accessToken, MFA.enableEmailMfa);
    expect(again.__typename).toBe('MfaAlreadyEnabledError');
  });
});
