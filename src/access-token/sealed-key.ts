import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import type { Deps } from '../deps.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { PublicJwk } from '../kernel/signing.ts';
import { UnreadableSigningKeyError } from './errors.ts';
import { isExpired, validityPeriods } from './timeline.ts';

/** A stored key after it was opened. */
export type OpenedKey = {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
};

type Sealed = Pick<SigningKeyRow, 'kid' | 'sealedPrivateKey'>;

/** Generates an ES256 key. Its private half is sealed for its kid. */
export async function generateSealedKey(keyring: Keyring): Promise<Sealed> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = await thumbprint(publicKey);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { kid, sealedPrivateKey: keyring.seal(pkcs8, context(kid)) };
}

/**
 * Opens a stored key. The kid must be both the key's thumbprint and the context that the key was
 * sealed for, so that no row can pass off another row's key as its own (TK-12).
 *
 * @throws UnreadableSigningKeyError
 */
async function openSealedKey(keyring: Keyring, row: Sealed): Promise<OpenedKey> {
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

/**
 * Opens the keys that have not expired. Keys that are already open are reused: a kid is its key's
 * thumbprint, so that an opened key stays right even if the bytes of its row change.
 *
 * @param known the keys that are already open, by kid
 * @param onUnreadable called with each key that cannot be opened; may throw
 */
export async function openSigningKeys(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  rows: readonly SigningKeyRow[],
  known: ReadonlyMap<string, OpenedKey>,
  onUnreadable: (error: UnreadableSigningKeyError) => void,
): Promise<ReadonlyMap<string, OpenedKey>> {
  const now = deps.clock.now();
  const opened = new Map<string, OpenedKey>();
  for (const period of validityPeriods(rows)) {
    if (isExpired(period, now)) continue;
    const row = period.key;
    try {
      opened.set(row.kid, known.get(row.kid) ?? (await openSealedKey(deps.keyring, row)));
    } catch (error) {
      if (!(error instanceof UnreadableSigningKeyError)) throw error;
      onUnreadable(error);
    }
  }
  return opened;
}

/** The same key, sealed with the newest root secret; null if it already is. */
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

/** Names each member, so that no private one can slip in (TK-10). */
function publicJwk(publicKey: KeyObject, kid: string): PublicJwk {
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  if (crv !== 'P-256' || !x || !y) throw new UnreadableSigningKeyError(kid);
  return { kty: 'EC', crv, x, y, kid, alg: 'ES256', use: 'sig' };
}
