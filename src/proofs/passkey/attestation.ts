import type { Deps } from '../../deps.ts';
import { readAuthenticatorData } from './authenticator-data.ts';
import { readField, toBase64url } from './base64url.ts';
import type { Ceremony } from './ceremony.ts';
import { checkClientData } from './client-data.ts';
import { InvalidPasskeyError } from './errors.ts';
import { ALGORITHMS, algorithmOf } from './public-key.ts';

/** What `navigator.credentials.create` returned, the first three fields in base64url. */
export type Attestation = {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
};

/** A new passkey, as its authenticator describes it. */
export type AttestedPasskey = {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly algorithm: number;
  readonly counter: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly aaguid: string | null;
  readonly transports: readonly string[];
};

/** The transports of L3 5.8.4 and the older name of one. Others mean nothing to a browser. */
const TRANSPORTS: readonly string[] = [
  'usb',
  'nfc',
  'ble',
  'smart-card',
  'hybrid',
  'cable',
  'internal',
];

/** An authenticator that does not say what it is has this AAGUID (L3 6.5.1). */
const UNKNOWN_MODEL = '00000000-0000-0000-0000-000000000000';

/**
 * Verifies a new passkey (L3 7.1). Its attestation statement is dropped before the library sees it: this
 * server trusts no maker's certificates, and what is not evaluated cannot be attacked (PK-5b).
 *
 * @throws InvalidPasskeyError
 */
export async function verifyAttestation(
  { config }: Pick<Deps, 'config'>,
  ceremony: Pick<Ceremony, 'challenge'>,
  attestation: Attestation,
): Promise<AttestedPasskey> {
  const { id } = attestation;
  const { challenge } = ceremony;
  const credentialId = readField(id);
  const clientData = readField(attestation.clientDataJSON);
  checkClientData({ config }, clientData, { type: 'webauthn.create', challenge });
  const authData = await authenticatorDataOf(readField(attestation.attestationObject));
  const { counter, backupEligible, backedUp } = readAuthenticatorData({ config }, authData);
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const verified = await verifyRegistrationResponse({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: attestation.clientDataJSON,
        attestationObject: toBase64url(await withoutStatement(authData)),
      },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: [...config.passkeys.origins],
    expectedRPID: config.passkeys.rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...ALGORITHMS],
  }).catch(() => {
    // The library's errors quote what was sent and what was expected.
    throw new InvalidPasskeyError('malformed');
  });
  const info = verified.registrationInfo;
  // The id beside the signed data must be the one inside it.
  if (info?.credential.id !== id) throw new InvalidPasskeyError('malformed');
  const publicKey = Buffer.from(info.credential.publicKey);
  const algorithm = await algorithmOf(publicKey);
  if (algorithm === null) throw new InvalidPasskeyError('unsupported-key');
  return {
    ...{ credentialId, publicKey, algorithm, counter, backupEligible, backedUp },
    aaguid: info.aaguid === UNKNOWN_MODEL ? null : info.aaguid,
    transports: TRANSPORTS.filter((one) => attestation.transports.includes(one)),
  };
}

async function authenticatorDataOf(attestationObject: Buffer): Promise<Buffer> {
  const { isoCBOR } = await import('@simplewebauthn/server/helpers');
  let decoded: unknown;
  try {
    decoded = isoCBOR.decodeFirst(new Uint8Array(attestationObject));
  } catch {
    throw new InvalidPasskeyError('malformed');
  }
  const data: unknown = decoded instanceof Map ? decoded.get('authData') : null;
  if (!(data instanceof Uint8Array)) throw new InvalidPasskeyError('malformed');
  return Buffer.from(data);
}

async function withoutStatement(authData: Buffer): Promise<Uint8Array> {
  const { isoCBOR } = await import('@simplewebauthn/server/helpers');
  const statement = new Map<string, never>();
  return isoCBOR.encode(
    new Map<string, string | Uint8Array | typeof statement>([
      ['fmt', 'none'],
      ['attStmt', statement],
      ['authData', new Uint8Array(authData)],
    ]),
  );
}
