import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onAccountOf } from '../../../src/account/by-address.ts';
import { removeFactors } from '../../../src/account/remove-factors.ts';
import { DAY, MINUTE } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { type Person, signIn, signUp } from '../../support/journeys.ts';
import { roundTrip, startServerWith, UNLINK } from '../../support/oauth.ts';
import { enrollAsFactor, PASSKEY_MFA, signInWithFactor } from '../../support/passkey-factor.ts';
import { authenticatorFor, enroll, PASSKEY, signInWithPasskey } from '../../support/passkeys.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { callAs, challengeOf, enrollTotp, MFA } from '../../support/second-factor.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { isSignedIn, mailTitled, TITLES, UNDO_SECURITY_CHANGE } from '../account-care.ts';

const clock = createFakeClock();
let provider: ForgingProvider;
let server: TestServer;
let strict: TestServer;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  server = await startServerWith([provider.setting()], { clock });
  strict = await startTestServer({ clock, env: { MFA_REQUIRED: 'true' } });
});
afterAll(async () => {
  await server.close();
  await strict.close();
  await provider.close();
});

const remove = (on: TestServer, { accessToken }: Pick<Person, 'accessToken'>, passkeyId: string) =>
  callAs(on, accessToken, PASSKEY_MFA.remove, { passkeyId });

const forgetPassword = (on: TestServer, { userId }: Person) =>
  queryDatabase(on.app.deps.db, sql`update users set password_hash = null where id = ${userId}`);

const passkeysOf = async (on: TestServer, { userId }: Person) =>
  (
    await queryDatabase<{ name: string }>(
      on.app.deps.db,
      sql`select name from passkeys where user_id = ${userId} order by name`,
    )
  ).map(({ name }) => name);

const factorOf = (on: TestServer, { userId }: Person) =>
  queryDatabase(on.app.deps.db, sql`select 1 from passkey_factors where user_id = ${userId}`);

const undo = async (on: TestServer, token: string) =>
  (await on.graphql(UNDO_SECURITY_CHANGE, { input: { token } })).data.undoSecurityChange;

describe('PK-5a: removing a passkey', () => {
  test('ends every other session and signs nobody in any more; a mail and an event say so', async () => {
    const person = await signUp(server);
    const authenticator = authenticatorFor(server);
    const { passkey } = await enroll(server, person, authenticator, { name: 'Old phone' });
    const other = await signInWithPasskey(server, authenticator);
    const removed = await remove(server, person, passkey.id);
    expect(removed.__typename).toBe('PasskeyRemoved');
    expect(await isSignedIn(server, other)).toBe(false);
    expect(await isSignedIn(server, person)).toBe(true);
    expect((await signInWithPasskey(server, authenticator)).__typename).toBe('InvalidPasskeyError');
    const mail = await mailTitled(server, person.email, 'A passkey was removed from your account');
    expect(mail.text).toContain('The passkey “Old phone” was removed');
    expect((await remove(server, person, passkey.id)).__typename).toBe('NotFoundError');
  });

  test('SE-4: another person’s passkey is not found and stays', async () => {
    const owner = await signUp(server);
    const { passkey } = await enroll(server, owner, authenticatorFor(server), { name: 'Mine' });
    const thief = await signUp(server);
    for (const id of [passkey.id, 'no-id']) {
      expect((await remove(server, thief, id)).__typename).toBe('NotFoundError');
    }
    expect(await passkeysOf(server, owner)).toEqual(['Mine']);
  });

  test('never takes the last way to sign in: password, identity and passkey count for each other', async () => {
    const person = await signUp(server);
    const { passkey } = await enroll(server, person, authenticatorFor(server));
    const claims = { sub: `sub-of-${person.email}` };
    const { identity } = await roundTrip(server, provider, claims, person.accessToken);
    await forgetPassword(server, person);
    const unlinked = await callAs(server, person.accessToken, UNLINK, { identityId: identity.id });
    expect(unlinked.__typename).toBe('IdentityUnlinked');
    expect((await remove(server, person, passkey.id)).__typename).toBe('LastCredentialError');
    const second = await enroll(server, person, authenticatorFor(server));
    expect((await remove(server, person, passkey.id)).__typename).toBe('PasskeyRemoved');
    expect((await remove(server, person, second.passkey.id)).__typename).toBe(
      'LastCredentialError',
    );
    // With the identity back, the passkey may go, and then the identity may not.
    const again = await roundTrip(server, provider, claims, person.accessToken);
    expect((await remove(server, person, second.passkey.id)).__typename).toBe('PasskeyRemoved');
    const last = await callAs(server, person.accessToken, UNLINK, {
      identityId: again.identity.id,
    });
    expect(last.__typename).toBe('LastCredentialError');
  });

  test('two passkeys of a person without a password, removed concurrently: one stays', async () => {
    for (let trial = 0; trial < 5; trial += 1) {
      const person = await signUp(server);
      const one = await enroll(server, person, authenticatorFor(server));
      const two = await enroll(server, person, authenticatorFor(server));
      await forgetPassword(server, person);
      const answers = await Promise.all(
        [one, two].map(({ passkey }) => remove(server, person, passkey.id)),
      );
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
        'LastCredentialError',
        'PasskeyRemoved',
      ]);
      expect(await passkeysOf(server, person)).toHaveLength(1);
    }
  });

  test('PK-5c: with the last passkey, signing in requires none any more, and the backup codes end', async () => {
    const person = await signUp(server);
    const { passkey } = await enrollAsFactor(server, person, authenticatorFor(server));
    expect((await challengeOf(server, person)).methods).toEqual(['PASSKEY', 'BACKUP_CODE']);
    expect((await remove(server, person, passkey.id)).__typename).toBe('PasskeyRemoved');
    expect((await signIn(server, person)).userId).toBe(person.userId);
    expect(await factorOf(server, person)).toEqual([]);
    // A passkey that is added later is a way to sign in, and no second factor.
    const { accessToken } = await signIn(server, person);
    await enroll(server, { ...person, accessToken }, authenticatorFor(server));
    expect((await signIn(server, person)).userId).toBe(person.userId);
  });

  test('with another second factor, its backup codes and its question stay', async () => {
    const person = await signUp(server);
    const { passkey } = await enrollAsFactor(server, person, authenticatorFor(server));
    await enrollTotp(server, person);
    await remove(server, person, passkey.id);
    expect((await challengeOf(server, person)).methods).toEqual(['TOTP', 'BACKUP_CODE']);
  });
});

describe('MF-7: under MFA_REQUIRED', () => {
  test('enrolling a passkey that is also the second factor lifts the restriction of the session; a passkey alone does not', async () => {
    const person = await signUp(strict);
    const status = async () =>
      (await strict.graphql(MFA.viewer, undefined, { token: person.accessToken })).data.viewer.mfa;
    expect(await status()).toMatchObject({ enrollmentRequired: true });
    await enroll(strict, person, authenticatorFor(strict));
    expect(await status()).toMatchObject({ enrollmentRequired: true, passkey: false });
    await enrollAsFactor(strict, person, authenticatorFor(strict));
    expect(await status()).toMatchObject({ enrollmentRequired: false, passkey: true });
    const named = await callAs(strict, person.accessToken, PASSKEY.rename, {
      passkeyId: (
        await queryDatabase<{ id: string }>(
          strict.app.deps.db,
          sql`select id from passkeys where user_id = ${person.userId} limit 1`,
        )
      )[0]?.id,
      name: 'Phone',
    });
    expect(named.__typename).toBe('PasskeyRenamed');
  });

  test('the last passkey stays where it is the only second factor, chosen or not', async () => {
    const person = await signUp(strict);
    const authenticator = authenticatorFor(strict);
    const { passkey } = await enrollAsFactor(strict, person, authenticator);
    expect((await remove(strict, person, passkey.id)).__typename).toBe('LastCredentialError');
    const signedIn = await signInWithFactor(strict, person, authenticator);
    const disabled = await callAs(strict, signedIn.accessToken, PASSKEY_MFA.disable);
    expect(disabled.__typename).toBe('MfaDisabled');
    const entered = await signInWithPasskey(strict, authenticator);
    expect((await remove(strict, entered, passkey.id)).__typename).toBe('LastCredentialError');
    await enrollTotp(strict, { ...person, accessToken: entered.accessToken });
    expect((await remove(strict, entered, passkey.id)).__typename).toBe('PasskeyRemoved');
  });
});

/** A thief with a session of an account whose own credentials are older than any undo reaches. */
async function robbed() {
  const owner = await signUp(server);
  const phone = authenticatorFor(server);
  const { passkey } = await enrollAsFactor(server, owner, phone, 'Own phone');
  await mailTitled(server, owner.email, TITLES.passkeyAdded);
  clock.advance(8 * DAY);
  const thief = await signInWithFactor(server, owner, phone);
  return { owner, phone, passkey, thief };
}

describe('PR-12: a passkey that a thief added or removed', () => {
  test('the link in the mail removes it and what was signed in with it; the page names it', async () => {
    const owner = await signUp(server);
    clock.advance(8 * DAY);
    const thief = await signIn(server, owner);
    const authenticator = authenticatorFor(server);
    await enrollAsFactor(server, thief, authenticator, 'Evil key');
    const { token } = await mailTitled(server, owner.email, TITLES.passkeyAdded);
    const second = await signInWithPasskey(server, authenticator);
    await enroll(server, { ...thief, ...second }, authenticatorFor(server), { name: 'Second' });
    const page = await server.graphql(
      'query ($token: String!) { mailedToken(token: $token) { undoes { type detail } stays { type } } }',
      { token },
    );
    expect(page.data.mailedToken.undoes).toEqual(
      expect.arrayContaining([
        { type: 'PASSKEY_ADDED', detail: 'Evil key' },
        { type: 'PASSKEY_ADDED', detail: 'Second' },
        { type: 'MFA_ENABLED', detail: 'PASSKEY' },
        { type: 'BACKUP_CODES_GENERATED', detail: null },
      ]),
    );
    const undone = await undo(server, token);
    expect(undone.__typename).toBe('SecurityChangeUndone');
    expect(await passkeysOf(server, owner)).toEqual([]);
    expect(await factorOf(server, owner)).toEqual([]);
    expect((await signInWithPasskey(server, authenticator)).__typename).toBe('InvalidPasskeyError');
    expect(await isSignedIn(server, second)).toBe(false);
  });

  test('the owner’s passkey that the thief removed comes back, as the second factor that it was', async () => {
    const { owner, phone, passkey, thief } = await robbed();
    const evil = authenticatorFor(server);
    await enroll(server, { ...owner, ...thief }, evil, { name: 'Evil key' });
    const { token } = await mailTitled(server, owner.email, TITLES.passkeyAdded, 2);
    expect((await remove(server, thief, passkey.id)).__typename).toBe('PasskeyRemoved');
    const undone = await undo(server, token);
    expect(undone.restored).toMatchObject([{ type: 'PASSKEY_ADDED', detail: 'Own phone' }]);
    expect(await passkeysOf(server, owner)).toEqual(['Own phone']);
    expect(await factorOf(server, owner)).toHaveLength(1);
    expect((await signInWithPasskey(server, phone)).__typename).toBe('SignedIn');
    expect((await signInWithPasskey(server, evil)).__typename).toBe('InvalidPasskeyError');
  });

  /** The owner links an account, and keeps the link of the mail about it. */
  const linkAccount = async (owner: Person, accessToken: string) => {
    await roundTrip(server, provider, { sub: `own-${owner.userId}` }, accessToken);
    return (await mailTitled(server, owner.email, 'The forger was linked to your account')).token;
  };

  // A passkey signs in alone, as both factors: to restore it is to give access, which saving a second factor is not.
  test('rule 4: the owner’s only passkey, stolen and removed by a session off the walk, does not come back', async () => {
    const { owner, phone, passkey, thief } = await robbed();
    const token = await linkAccount(owner, thief.accessToken);
    const own = await signInWithFactor(server, owner, phone);
    await callAs(server, own.accessToken, PASSKEY_MFA.disable);
    expect((await remove(server, own, passkey.id)).__typename).toBe('PasskeyRemoved');
    const undone = await undo(server, token);
    expect(undone.__typename).toBe('SecurityChangeUndone');
    expect(undone.restored).toEqual([]);
    expect(await passkeysOf(server, owner)).toEqual([]);
    expect(await factorOf(server, owner)).toEqual([]);
    expect((await signInWithPasskey(server, phone)).__typename).toBe('InvalidPasskeyError');
  });

  test('rule 4: a thief’s passkey that the owner removed stays removed; the factor comes back with the passkey that is left', async () => {
    const { owner, phone, thief } = await robbed();
    const evil = authenticatorFor(server);
    const { passkey } = await enroll(server, { ...owner, ...thief }, evil, { name: 'Evil key' });
    const one = await signInWithFactor(server, owner, phone);
    const token = await linkAccount(owner, one.accessToken);
    const two = await signInWithFactor(server, owner, phone);
    await callAs(server, two.accessToken, PASSKEY_MFA.disable);
    expect((await remove(server, two, passkey.id)).__typename).toBe('PasskeyRemoved');
    const undone = await undo(server, token);
    expect(undone.restored).toMatchObject([{ type: 'MFA_ENABLED', detail: 'PASSKEY' }]);
    expect(await passkeysOf(server, owner)).toEqual(['Own phone']);
    expect(await factorOf(server, owner)).toHaveLength(1);
    expect((await signInWithPasskey(server, evil)).__typename).toBe('InvalidPasskeyError');
  });

  test('rule 4: where no passkey is left, the next second factor comes back', async () => {
    const { owner, phone, passkey, thief } = await robbed();
    await enrollTotp(server, { ...owner, ...thief });
    clock.advance(8 * DAY);
    const one = await signInWithFactor(server, owner, phone);
    const token = await linkAccount(owner, one.accessToken);
    const two = await signInWithFactor(server, owner, phone);
    const disabled = await callAs(server, two.accessToken, MFA.disableTotp);
    expect(disabled.__typename).toBe('MfaDisabled');
    expect((await remove(server, two, passkey.id)).__typename).toBe('PasskeyRemoved');
    const undone = await undo(server, token);
    expect(undone.restored).toMatchObject([{ type: 'MFA_ENABLED', detail: 'TOTP' }]);
    expect(await passkeysOf(server, owner)).toEqual([]);
  });

  test('an older passkey that the thief signed in with stays and is named', async () => {
    const owner = await signUp(server);
    const phone = authenticatorFor(server);
    await enroll(server, owner, phone, { name: 'Own phone' });
    await mailTitled(server, owner.email, TITLES.passkeyAdded);
    clock.advance(8 * DAY);
    const thief = await signInWithPasskey(server, phone);
    await enroll(server, { ...owner, ...thief }, authenticatorFor(server), { name: 'Evil' });
    const { token } = await mailTitled(server, owner.email, TITLES.passkeyAdded, 2);
    const undone = await undo(server, token);
    expect(undone.stays).toMatchObject([{ type: 'PASSKEY_ADDED', detail: 'Own phone' }]);
    expect(await passkeysOf(server, owner)).toEqual(['Own phone']);
  });
});

test('an operator removes passkeys as a second factor; they can still sign in', async () => {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enrollAsFactor(server, person, authenticator);
  clock.advance(MINUTE);
  const { removed } = await onAccountOf(server.app.deps, person.email, (tx, locked) =>
    removeFactors(server.app.deps, tx, locked),
  );
  expect(removed).toEqual(['passkey']);
  expect((await signIn(server, person)).userId).toBe(person.userId);
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('SignedIn');
});
