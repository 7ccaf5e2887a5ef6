import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { testWithServer } from '../../support/fixture.ts';
import { signUp } from '../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  PASSKEY,
  present,
  signInProof,
  signInWithPasskey,
} from '../../support/passkeys.ts';

const test = testWithServer();

test('a passkey is added, listed and signs in without an address', async ({ server }) => {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  const added = await enroll(server, person, authenticator, { name: 'My phone' });
  expect(added).toMatchObject({
    __typename: 'PasskeyAdded',
    passkey: { name: 'My phone', synced: true, provider: null, lastUsedAt: null },
  });
  const signedIn = await signInWithPasskey(server, authenticator);
  expect(signedIn.__typename).toBe('SignedIn');
  expect(signedIn.viewer.user.id).toBe(person.userId);
  expect(decodeJwt(signedIn.accessToken)['amr']).toEqual(['pop', 'user', 'mfa']);
  const token = signedIn.accessToken;
  const list = await server.graphql(PASSKEY.list, undefined, { token });
  expect(list.data.viewerPasskeys).toMatchObject([{ id: added.passkey.id, name: 'My phone' }]);
  const signals = await server.graphql(PASSKEY.signals, undefined, { token });
  expect(signals.data.viewerPasskeySignals).toMatchObject({
    rpId: 'localhost',
    name: person.email,
    credentialIds: [authenticator.passkeys[0]?.id],
    userHandle: authenticator.passkeys[0]?.userHandle,
  });
});

test('PK-1a: a proof works once, after a success and after a failure', async ({ server }) => {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  const proof = await signInProof(server, authenticator);
  expect((await present(server, proof)).__typename).toBe('SignedIn');
  expect((await present(server, proof)).__typename).toBe('InvalidPasskeyError');
});
