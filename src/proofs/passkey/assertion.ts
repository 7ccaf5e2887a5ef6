import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data.ts';
import { readField, toBase64url } from './base64url.ts';
import type { Ceremony } from './ceremony.ts';
import { checkClientData } from './client-data.ts';
import { isStrictDer } from './ecdsa-signature.ts';
import { InvalidPasskeyError } from './errors.ts';
import { ES256 } from './public-key.ts';

/** What `navigator.credentials.get` returned, every field in base64url. */
export type Assertion = {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | null;
};

/** An assertion whose fields are bytes. */
export type ReadAssertion = {
  readonly credentialId: Buffer;
  readonly clientData: Buffer;
  readonly authenticatorData: Buffer;
  readonly signature: Buffer;
  readonly userHandle: Buffer | null;
};

/**
 * Reads the fields of an assertion.
 *
 * @throws InvalidPasskeyError unless each is canonical base64url
 */
export function readAssertion(assertion: Assertion): ReadAssertion {
  return {
    credentialId: readField(assertion.id),
    clientData: readField(assertion.clientDataJSON),
    authenticatorData: readField(assertion.authenticatorData),
    signature: readField(assertion.signature),
    userHandle: assertion.userHandle === null ? null : readField(assertion.userHandle),
  };
}

/**
 * Verifies an assertion of a known passkey (L3 7.2). The signature counter is not compared here: the library
 * would compare it before the signature, so that a forged assertion could raise an alarm (PK-3).
 *
 * @throws InvalidPasskeyError
 */
export async function verifyAssertion(
  { config }: Pick<Deps, 'config'>,
  ceremony: Pick<Ceremony, 'challenge'>,
  passkey: Passkey,
  assertion: ReadAssertion,
): Promise<AuthenticatorData> {
  const { challenge } = ceremony;
  checkClientData({ config }, assertion.clientData, { type: 'webauthn.get', challenge });
  const data = readAuthenticatorData({ config }, assertion.authenticatorData);
  if (data.hasKey) throw new InvalidPasskeyError('malformed');
  if (passkey.algorithm === ES256 && !isStrictDer(assertion.signature))
    throw new InvalidPasskeyError('malformed');
  const id = toBase64url(passkey.credentialId);
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  const isVerified = await verifyAuthenticationResponse({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: toBase64url(assertion.clientData),
        authenticatorData: toBase64url(assertion.authenticatorData),
        signature: toBase64url(assertion.signature),
      },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: [...config.passkeys.origins],
    expectedRPID: config.passkeys.rpId,
    credential: { id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    requireUserVerification: true,
  }).then(
    ({ verified }) => verified,
    // The library's errors quote what was sent and what was expected.
    () => false,
  );
  if (!isVerified) throw new InvalidPasskeyError('wrong-signature');
  // L3 7.2: the backup eligibility is a property of the passkey and never changes.
  if (data.backupEligible !== passkey.backupEligible)
    throw new InvalidPasskeyError('backup-eligibility-changed');
  return data;
}
