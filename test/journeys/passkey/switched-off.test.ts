import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, signIn, signUp } from '../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  signInWithPasskey,
  startEnrollment,
} from '../../support/passkeys.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const SECRET_KEYS = randomBytes(32).toString('base64');
let on: TestServer;
let off: TestServer;
let person: Person;
beforeAll(async () => {
  const database = await createTestDatabase();
  on = await startTestServer({ database, env: { SECRET_KEYS } });
  off = await startTestServer({ database, env: { SECRET_KEYS, PASSKEYS: 'false' } });
  person = await signUp(on);
});
afterAll(async () => {
  await off.app.close();
  await on.close();
});

test('with PASSKEYS=false nobody adds or uses a passkey, and nothing is deleted', async () => {
  const authenticator = authenticatorFor(on);
  await enroll(on, person, authenticator);
  const { data } = await off.graphql('{ authSettings { passkeys } }');
  expect(data.authSettings.passkeys).toBe(false);
  expect((await off.graphql(PASSKEY.startSignIn)).data.startPasskeySignIn.__typename).toBe(
    'NotFoundError',
  );
  const session = await signIn(off, person);
  expect((await startEnrollment(off, session)).__typename).toBe('NotFoundError');
  const started = await on.graphql(PASSKEY.startSignIn);
  const { ceremonyToken, options } = started.data.startPasskeySignIn;
  const proof = { ceremonyToken, assertion: authenticator.get(options) };
  const answer = await off.graphql(PASSKEY.completeSignIn, { input: { proof } });
  expect(answer.data.completePasskeySignIn.__typename).toBe('InvalidPasskeyError');
  const begun = await startEnrollment(on, session);
  const attestation = authenticatorFor(on).create(begun.options);
  const late = await off.graphql(
    PASSKEY.completeEnrollment,
    { input: { ceremonyToken: begun.ceremonyToken, attestation } },
    { token: session.accessToken },
  );
  expect(late.data.completePasskeyEnrollment.__typename).toBe('InvalidPasskeyError');
  const viewer = await off.graphql(PASSKEY.viewer, undefined, { token: session.accessToken });
  expect(viewer.data.viewer).toMatchObject({
    passkeys: [{ name: 'Passkey' }],
    passkeySignals: null,
  });
  expect((await off.request('/.well-known/webauthn')).status).toBe(404);
  expect((await signInWithPasskey(on, authenticator)).__typename).toBe('SignedIn');
});
