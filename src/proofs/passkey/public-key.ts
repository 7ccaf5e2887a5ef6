import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { toBase64url } from './base64url.ts';

/** The COSE algorithms of new passkeys (PK-5b), in the order of preference. */
export const ES256 = -7;
const ED_DSA = -8;
const RS256 = -257;
export const ALGORITHMS: readonly number[] = [ES256, ED_DSA, RS256];

/** The parameters of a COSE key (RFC 9053 7, RFC 8230 4). */
const KTY = 1;
const ALG = 3;
const MINUS_1 = -1;
const MINUS_2 = -2;
const MINUS_3 = -3;

/** The values of `kty` and `crv`. */
const OKP = 1;
const EC2 = 2;
const RSA = 3;
const P256 = 1;
const ED25519 = 6;

/** NIST SP 800-131A: at least 2048 bits. More than 4096 only costs time at each sign-in. */
const RSA_BITS = { least: 2048, most: 4096 };

/**
 * The exponent of every authenticator's RSA keys. With 1, any bytes would be a signature, and an exponent as long as the
 * modulus makes each verification a hundred times as slow.
 */
const RSA_EXPONENT = 65_537n;

/**
 * Returns the algorithm of a public key in COSE form; null unless it is one of {@link ALGORITHMS}, with the
 * curve of that algorithm and a usable key: a point that is not on its curve would verify nothing later.
 */
export async function algorithmOf(publicKey: Uint8Array): Promise<number | null> {
  const { isoCBOR } = await import('@simplewebauthn/server/helpers');
  try {
    const cose: unknown = isoCBOR.decodeFirst(new Uint8Array(publicKey));
    if (!(cose instanceof Map)) return null;
    const jwk = jwkOf(cose);
    if (!jwk) return null;
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' });
    const { modulusLength: bits, publicExponent } = asymmetricKeyDetails ?? {};
    if (bits !== undefined && (bits < RSA_BITS.least || bits > RSA_BITS.most)) return null;
    if (publicExponent !== undefined && publicExponent !== RSA_EXPONENT) return null;
    return Number(cose.get(ALG));
  } catch {
    return null;
  }
}

function jwkOf(cose: ReadonlyMap<unknown, unknown>): JsonWebKeyInput['key'] | null {
  const bytes = (label: number) => {
    const value = cose.get(label);
    return value instanceof Uint8Array ? toBase64url(value) : '';
  };
  const is = (kty: number, alg: number) => cose.get(KTY) === kty && cose.get(ALG) === alg;
  if (is(EC2, ES256) && cose.get(MINUS_1) === P256) {
    return { kty: 'EC', crv: 'P-256', x: bytes(MINUS_2), y: bytes(MINUS_3) };
  }
  if (is(OKP, ED_DSA) && cose.get(MINUS_1) === ED25519) {
    return { kty: 'OKP', crv: 'Ed25519', x: bytes(MINUS_2) };
  }
  if (is(RSA, RS256)) return { kty: 'RSA', n: bytes(MINUS_1), e: bytes(MINUS_2) };
  return null;
}
