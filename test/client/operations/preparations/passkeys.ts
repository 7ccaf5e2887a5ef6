import { signUp } from '../../../support/journeys.ts';
import { enrollAsFactor, mfaProof } from '../../../support/passkey-factor.ts';
import {
  authenticatorFor,
  enroll,
  signInProof,
  startEnrollment,
} from '../../../support/passkeys.ts';
import { challengeOf } from '../../../support/second-factor.ts';
import type { TestServer } from '../../../support/server.ts';
import type { Preparations } from '../stage.ts';

async function withFactor(server: TestServer) {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enrollAsFactor(server, person, authenticator);
  return { person, authenticator };
}

/** Adding, using and renaming a passkey. */
export const PASSKEYS: Preparations = {
  startPasskeySignIn: async () => ({ outcome: 'PasskeyRequest' }),
  completePasskeySignIn: async ({ server }) => {
    const authenticator = authenticatorFor(server);
    await enroll(server, await signUp(server), authenticator);
    const proof = await signInProof(server, authenticator);
    return { variables: { input: { proof } }, outcome: 'SignedIn' };
  },
  startPasskeyEnrollment: async ({ server }) => {
    const { accessToken: token } = await signUp(server);
    return { token, outcome: 'PasskeyEnrollment' };
  },
  completePasskeyEnrollment: async ({ server }) => {
    const person = await signUp(server);
    const { ceremonyToken, options } = await startEnrollment(server, person);
    const attestation = authenticatorFor(server).create(options);
    const input = { ceremonyToken, attestation };
    return { token: person.accessToken, variables: { input }, outcome: 'PasskeyAdded' };
  },
  renamePasskey: async ({ server }) => {
    const person = await signUp(server);
    const { passkey } = await enroll(server, person, authenticatorFor(server));
    const input = { passkeyId: passkey.id, name: 'Phone' };
    return { token: person.accessToken, variables: { input }, outcome: 'PasskeyRenamed' };
  },
  removePasskey: async ({ server }) => {
    const person = await signUp(server);
    const { passkey } = await enroll(server, person, authenticatorFor(server));
    const input = { passkeyId: passkey.id };
    return { token: person.accessToken, variables: { input }, outcome: 'PasskeyRemoved' };
  },
  enablePasskeyMfa: async ({ server }) => {
    const person = await signUp(server);
    await enroll(server, person, authenticatorFor(server));
    return { token: person.accessToken, outcome: 'MfaEnabled' };
  },
  disablePasskeyMfa: async ({ server }) => {
    const { person } = await withFactor(server);
    return { token: person.accessToken, outcome: 'MfaDisabled' };
  },
  startPasskeyMfa: async ({ server }) => {
    const { challengeToken } = await challengeOf(server, (await withFactor(server)).person);
    return { variables: { input: { challengeToken } }, outcome: 'PasskeyRequest' };
  },
  verifyPasskeyMfa: async ({ server }) => {
    const { person, authenticator } = await withFactor(server);
    const { challengeToken } = await challengeOf(server, person);
    const proof = await mfaProof(server, challengeToken, authenticator);
    return { variables: { input: { challengeToken, proof } }, outcome: 'SignedIn' };
  },
  startPasskeyReauthentication: async ({ server }) => {
    const { person } = await withFactor(server);
    return { token: person.accessToken, outcome: 'PasskeyRequest' };
  },
};
