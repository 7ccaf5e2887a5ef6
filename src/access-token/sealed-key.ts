import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { PublicJwk } from '../kernel/signing.ts';
import { UnreadableSigningKeyError } from './errors.ts';

/** A stored key, opened. */
export type OpenedKey = {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
};

type Sealed = Pick<SigningKeyRow, 'kid' | 'sealedPrivateKey'>;

/** A new ES256 key, its private half sealed for its own kid. */
export async function generateSealedKey(keyring: Keyring): Promise<Sealed> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = await thumbprint(publicKey);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { kid, sealedPrivateKey: keyring.seal(pkcs8, context(kid)) };
}

/**
 * Opens a stored key. The kid has to be the key's own thumbprint as well as the context it was
 * sealed in, so no row can lend its name to another's key (TK-12).
 *
 * @throws UnreadableSigningKeyError
 */
export async function openSealedKey(keyring: Keyring, row: Sealed): Promise<OpenedKey> {
  try {
    const pkcs8 = keyring.open(row.sealedPrivateKey, context(row.kid));
    const privateKey = createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' });
    const publicKey = createPublicKey(privateKey);
    const kid = await thumbprint(publicKey);
    if (kid !== row.kid) throw new UnreadableSigningKeyError(row.kid);
    return { kid, privateKey, publicKey, jwk: publicJwk(publicKey, kid) };
  } catch (error) {
    if (error instanceof UnreadableSigningKeyError) throw error;
    throw new UnreadableSigningKeyError(row.kid, { cause: error });
  }
}

/** The same key sealed under the newest root secret; null when it already is. */
export function reseal(keyring: Keyring, row: Sealed): Buffer | null {
  if (!keyring.isStale(row.sealedPrivateKey)) return null;
  return keyring.seal(keyring.open(row.sealedPrivateKey, context(row.kid)), context(row.kid));
}

function context(kid: string): string {
  return `signing-key/${kid}`;
}

async function thumbprint(publicKey: KeyObject): Promise<string> {
  return await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as JWK, 'sha256');
}

/** Names the members one by one: nothing private can come along (TK-10). */
function publicJwk(publicKey: KeyObject, kid: string): PublicJwk {
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  if (crv !== 'P-256' || !x || !y) throw new UnreadableSigningKeyError(kid);
  return { kty: 'EC', crv, x, y, kid, alg: 'ES256', use: 'sig' };
}
