import { sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { passkeyHandles, passkeys } from '../../../src/db/tables/passkey.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { refresh, signIn, signUp } from '../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  signInWithPasskey,
  startEnrollment,
} from '../../support/passkeys.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import { mailTitled, UNDO_SECURITY_CHANGE } from '../account-care.ts';

const clock = createFakeClock();
const test = testWithServer(() => ({ clock, env: { PASSKEYS_PER_PERSON: '3' } }));

test('PK-5a: adding needs a recent authentication, ends the other sessions, and is mailed with a link that undoes it', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  clock.advance(11 * 60_000);
  const token = person.accessToken;
  const late = await server.graphql(PASSKEY.startEnrollment, undefined, { token });
  expect(late.data.startPasskeyEnrollment.__typename).toBe('StepUpRequiredError');
  const fresh = await signIn(server, person);
  const authenticator = authenticatorFor(server);
  const added = await enroll(server, fresh, authenticator, { name: 'Phone' });
  expect(added.__typename).toBe('PasskeyAdded');
  expect((await refresh(server, other.refreshToken)).__typename).not.toBe('SignedIn');
  expect((await refresh(server, fresh.refreshToken)).__typename).toBe('SignedIn');

  const mail = await mailTitled(server, person.email, 'A passkey was added to your account');
  const { data } = await server.graphql(UNDO_SECURITY_CHANGE, { input: { token: mail.token } });
  expect(data.undoSecurityChange).toMatchObject({
    __typename: 'SecurityChangeUndone',
    undone: [{ type: 'PASSKEY_ADDED' }],
  });
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('InvalidPasskeyError');
});

test('PK-4a: a credential that exists is refused in every account', async ({ server }) => {
  const owner = await signUp(server);
  const thief = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, owner, authenticator);
  const stolen = authenticator.passkeys[0];
  for (const person of [thief, owner]) {
    const { ceremonyToken, options } = await startEnrollment(server, person);
    const fresh = authenticatorFor(server, stolen && { reuse: stolen });
    const attestation = fresh.create({ ...options, excludeCredentials: [] });
    const { data } = await server.graphql(
      PASSKEY.completeEnrollment,
      { input: { ceremonyToken, attestation } },
      { token: person.accessToken },
    );
    expect(data.completePasskeyEnrollment.__typename).toBe('InvalidPasskeyError');
  }
  expect((await signInWithPasskey(server, authenticator)).viewer.user.id).toBe(owner.userId);
});

test('PK-8: a hundred failed enrollments change no passkey', async ({ server }) => {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  const rows = () =>
    queryDatabase(server.app.deps.db, sql`select * from passkeys natural join passkey_handles`);
  const before = await rows();
  const token = person.accessToken;
  for (let times = 0; times < 100; times += 1) {
    // The limits of a session are not the subject.
    await queryDatabase(server.app.deps.db, sql`delete from rate_limit_counters`);
    const { ceremonyToken, options } = await startEnrollment(server, person);
    const attestation = authenticatorFor(server).create(options, {
      origin: 'https://evil.example',
    });
    const input = { ceremonyToken, attestation };
    const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
    expect(data.completePasskeyEnrollment.__typename).toBe('InvalidPasskeyError');
  }
  expect(await rows()).toEqual(before);
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('SignedIn');
});

describe('the limit of a person', () => {
  test('holds when several enrollments complete at the same moment', async ({ server }) => {
    const person = await signUp(server);
    await enroll(server, person, authenticatorFor(server));
    const token = person.accessToken;
    const started = await Promise.all(
      Array.from({ length: 6 }, () => startEnrollment(server, person)),
    );
    const answers = await Promise.all(
      started.map(async ({ ceremonyToken, options }) => {
        const attestation = authenticatorFor(server).create(options);
        const input = { ceremonyToken, attestation };
        const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
        return data.completePasskeyEnrollment.__typename;
      }),
    );
    expect(answers.toSorted()).toEqual([
      'PasskeyAdded',
      'PasskeyAdded',
      ...Array.from({ length: 4 }, () => 'PasskeyLimitError'),
    ]);
    const own = sql`user_id = ${person.userId}`;
    expect(await countRowsOf(server.app.deps.db, passkeys, own)).toBe(3);
    expect(await countRowsOf(server.app.deps.db, passkeyHandles, own)).toBe(1);
    const refused = await startEnrollment(server, person);
    expect(refused).toMatchObject({ __typename: 'PasskeyLimitError', limit: 3 });
  });
});

test('PK-4b: of two first enrollments at once, the second starts again with the user handle of the first', async ({
  server,
}) => {
  const person = await signUp(server);
  const token = person.accessToken;
  const [first, second] = [
    await startEnrollment(server, person),
    await startEnrollment(server, person),
  ];
  const complete = async ({ ceremonyToken, options }: typeof first) => {
    const attestation = authenticatorFor(server).create(options);
    const input = { ceremonyToken, attestation };
    const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
    return data.completePasskeyEnrollment.__typename;
  };
  expect(await complete(first)).toBe('PasskeyAdded');
  expect(await complete(second)).toBe('InvalidPasskeyError');
  expect(await complete(await startEnrollment(server, person))).toBe('PasskeyAdded');
  const own = sql`user_id = ${person.userId}`;
  expect(await countRowsOf(server.app.deps.db, passkeyHandles, own)).toBe(1);
});

test('PK-1a: an enrollment works once, after a success and after a failure', async ({ server }) => {
  const person = await signUp(server);
  const token = person.accessToken;
  const wrong = { origin: 'https://evil.example' };
  for (const overrides of [{}, wrong]) {
    const { ceremonyToken, options } = await startEnrollment(server, person);
    const complete = async (changes: object) => {
      const attestation = authenticatorFor(server).create(options, changes);
      const input = { ceremonyToken, attestation };
      const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
      return data.completePasskeyEnrollment.__typename;
    };
    expect(await complete(overrides)).toBe(
      overrides === wrong ? 'InvalidPasskeyError' : 'PasskeyAdded',
    );
    expect(await complete({})).toBe('InvalidPasskeyError');
  }
});

test('a passkey has the name of its maker until its person renames it; nobody else can', async ({
  server,
}) => {
  const person = await signUp(server);
  const model = { aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd' };
  const { passkey } = await enroll(server, person, authenticatorFor(server, model));
  expect(passkey).toMatchObject({ name: 'iCloud Keychain', provider: 'iCloud Keychain' });
  const input = { passkeyId: passkey.id, name: 'My phone' };
  const stranger = await signUp(server);
  for (const [token, kind] of [
    [stranger.accessToken, 'NotFoundError'],
    [person.accessToken, 'PasskeyRenamed'],
  ] as const) {
    const { data } = await server.graphql(PASSKEY.rename, { input }, { token });
    expect(data.renamePasskey.__typename).toBe(kind);
  }
  const { data } = await server.graphql(PASSKEY.viewer, undefined, { token: person.accessToken });
  expect(data.viewer.passkeys).toMatchObject([{ name: 'My phone', provider: 'iCloud Keychain' }]);
});
