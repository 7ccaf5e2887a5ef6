import { signUp } from '../../../support/journeys.ts';
import {
  authenticatorFor,
  enroll,
  signInProof,
  startEnrollment,
} from '../../../support/passkeys.ts';
import type { Preparations } from '../stage.ts';

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
};
