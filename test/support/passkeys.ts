import {
  type Authenticator,
  type CeremonyOverrides,
  createAuthenticator,
} from './authenticator.ts';
import { documentOf } from './documents.ts';
import type { Person } from './journeys.ts';
import type { TestServer } from './server.ts';

/** The documents of passkeys. */
export const PASSKEY = {
  startSignIn: documentOf('startPasskeySignIn'),
  completeSignIn: documentOf('completePasskeySignIn'),
  startEnrollment: documentOf('startPasskeyEnrollment'),
  completeEnrollment: documentOf('completePasskeyEnrollment'),
  rename: documentOf('renamePasskey'),
  viewer: `{ viewer {
    passkeys { id name createdAt lastUsedAt synced provider }
    passkeySignals { rpId userHandle credentialIds name displayName }
  } }`,
} as const;

/** An authenticator in a browser that has the server's app open. */
export function authenticatorFor(
  server: TestServer,
  model: Partial<Parameters<typeof createAuthenticator>[0]> = {},
): Authenticator {
  const [origin = ''] = server.app.deps.config.passkeys.origins;
  return createAuthenticator({ origin, ...model });
}

/** Starts an enrollment in the session of a person. */
export async function startEnrollment(server: TestServer, { accessToken }: Person) {
  const { data } = await server.graphql(PASSKEY.startEnrollment, undefined, { token: accessToken });
  return data.startPasskeyEnrollment;
}

/** The whole enrollment: the answer of its completion. */
export async function enroll(
  server: TestServer,
  person: Person,
  authenticator: Authenticator,
  options: { readonly name?: string; readonly overrides?: CeremonyOverrides } = {},
) {
  const { ceremonyToken, options: given } = await startEnrollment(server, person);
  const attestation = authenticator.create(given, options.overrides);
  const input = { ceremonyToken, attestation, name: options.name };
  const token = person.accessToken;
  const { data } = await server.graphql(PASSKEY.completeEnrollment, { input }, { token });
  return data.completePasskeyEnrollment;
}

/** A proof of a fresh sign-in. */
export async function signInProof(
  server: TestServer,
  authenticator: Authenticator,
  overrides: CeremonyOverrides = {},
) {
  const { data } = await server.graphql(PASSKEY.startSignIn);
  const { ceremonyToken, options } = data.startPasskeySignIn;
  return { ceremonyToken, assertion: authenticator.get(options, overrides) };
}

/** Presents a proof. */
export async function present(server: TestServer, proof: Awaited<ReturnType<typeof signInProof>>) {
  const { data } = await server.graphql(PASSKEY.completeSignIn, { input: { proof } });
  return data.completePasskeySignIn;
}

/** The whole sign-in: the answer of its completion. */
export async function signInWithPasskey(
  server: TestServer,
  authenticator: Authenticator,
  overrides: CeremonyOverrides = {},
) {
  return await present(server, await signInProof(server, authenticator, overrides));
}
