import type { Authenticator, CeremonyOverrides, StoredPasskey } from './authenticator.ts';
import { documentOf } from './documents.ts';
import type { Person } from './journeys.ts';
import { PASSKEY, startEnrollment } from './passkeys.ts';
import { callAs, challengeOf } from './second-factor.ts';
import type { TestServer } from './server.ts';

/** The documents of passkeys as a second factor, for reauthentication and removal. */
export const PASSKEY_MFA = {
  start: documentOf('startPasskeyMfa'),
  verify: documentOf('verifyPasskeyMfa'),
  enable: documentOf('enablePasskeyMfa'),
  disable: documentOf('disablePasskeyMfa'),
  startReauthentication: documentOf('startPasskeyReauthentication'),
  reauthenticate: documentOf('reauthenticate'),
  remove: documentOf('removePasskey'),
} as const;

/** An input of `PasskeyProofInput`. */
type Proof = {
  readonly ceremonyToken: string;
  readonly assertion: ReturnType<Authenticator['get']>;
};

type Answering = {
  readonly overrides?: CeremonyOverrides;
  /** Answers even if the options do not allow it. */
  readonly passkey?: StoredPasskey;
};

/** The whole enrollment of a passkey that also becomes the second factor. */
export async function enrollAsFactor(
  server: TestServer,
  person: Pick<Person, 'accessToken'>,
  authenticator: Authenticator,
  name = 'My phone',
) {
  const { ceremonyToken, options } = await startEnrollment(server, person as Person);
  const attestation = authenticator.create(options);
  const input = { ceremonyToken, attestation, name, alsoSecondFactor: true };
  return await callAs(server, person.accessToken, PASSKEY.completeEnrollment, input);
}

/** A proof for a challenge. */
export async function mfaProof(
  server: TestServer,
  challengeToken: string,
  authenticator: Authenticator,
  { overrides = {}, passkey }: Answering = {},
): Promise<Proof> {
  const { data } = await server.graphql(PASSKEY_MFA.start, { input: { challengeToken } });
  const { __typename, ceremonyToken, options } = data.startPasskeyMfa;
  if (__typename !== 'PasskeyRequest') throw new Error(__typename);
  return { ceremonyToken, assertion: authenticator.get(options, overrides, passkey) };
}

/** Presents a proof for a challenge. */
export async function verifyPasskey(server: TestServer, challengeToken: string, proof: Proof) {
  const { data } = await server.graphql(PASSKEY_MFA.verify, { input: { challengeToken, proof } });
  return data.verifyPasskeyMfa;
}

/** The whole way in by password and passkey. */
export async function signInWithFactor(
  server: TestServer,
  person: Pick<Person, 'email' | 'password'>,
  authenticator: Authenticator,
) {
  const { challengeToken } = await challengeOf(server, person);
  const proof = await mfaProof(server, challengeToken, authenticator);
  const signedIn = await verifyPasskey(server, challengeToken, proof);
  if (signedIn.__typename !== 'SignedIn') throw new Error(signedIn.__typename);
  return signedIn;
}

/** A proof for the session of an access token. */
export async function reauthenticationProof(
  server: TestServer,
  accessToken: string,
  authenticator: Authenticator,
  { overrides = {}, passkey }: Answering = {},
): Promise<Proof> {
  const request = await callAs(server, accessToken, PASSKEY_MFA.startReauthentication);
  if (request.__typename !== 'PasskeyRequest') throw new Error(request.__typename);
  const { ceremonyToken, options } = request;
  return { ceremonyToken, assertion: authenticator.get(options, overrides, passkey) };
}

/** The whole reauthentication. */
export async function reauthenticateWithPasskey(
  server: TestServer,
  accessToken: string,
  authenticator: Authenticator,
  answering: Answering = {},
) {
  const passkey = await reauthenticationProof(server, accessToken, authenticator, answering);
  return await callAs(server, accessToken, PASSKEY_MFA.reauthenticate, { passkey });
}
