import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto';
import { base64url, craft, GOOD_HEADER, goodPayload, KID, type testDeps } from './support.ts';

/** Tokens a forger might try on the holder of this key, by what they are (TK-1, TK-2). */
export function createForgeries(deps: ReturnType<typeof testDeps>): Record<string, string> {
  const payload = goodPayload(deps.clock.now());
  const ours = deps.privateKey;
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  const encode = (value: unknown) => base64url(JSON.stringify(value));

  function withMac(secret: string | Buffer, alg = 'HS256', hash = 'sha256'): string {
    const signed = `${encode({ ...GOOD_HEADER, alg })}.${encode(payload)}`;
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
  }

  function signedBy(
    key: KeyObject,
    alg: string,
    hash: string,
    options: Omit<SignKeyObjectInput, 'key'> = {},
  ): string {
    const signed = `${encode({ ...GOOD_HEADER, alg })}.${encode(payload)}`;
    return `${signed}.${base64url(sign(hash, Buffer.from(signed), { key, ...options }))}`;
  }

  const header = (extra: object) => craft({ ...GOOD_HEADER, ...extra }, payload, ours);
  const pem = deps.publicKey.export({ type: 'spki', format: 'pem' });
  const der = deps.publicKey.export({ type: 'spki', format: 'der' });
  const jwk = deps.publicKey.export({ format: 'jwk' });
  const raw = Buffer.concat([
    Buffer.of(4),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from(jwk.y ?? '', 'base64url'),
  ]);
  const strangerJwk = { ...stranger.publicKey.export({ format: 'jwk' }), kid: KID };
  const p1363 = { dsaEncoding: 'ieee-p1363' } as const;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

  const unsigned = (alg: string) => `${encode({ ...GOOD_HEADER, alg })}.${encode(payload)}`;

  return {
    'alg none, no signature': `${unsigned('none')}.`,
    'alg none, our signature': header({ alg: 'none' }),
    'alg None': header({ alg: 'None' }),
    'alg es256, lower case': header({ alg: 'es256' }),
    'alg missing': craft({ typ: 'at+jwt', kid: KID }, payload, ours),
    'alg not a string': header({ alg: ['ES256'] }),
    'HS256 keyed with the public PEM': withMac(pem.toString()),
    'HS256 keyed with the trimmed public PEM': withMac(pem.toString().trim()),
    'HS256 keyed with the public DER': withMac(der),
    'HS256 keyed with the public JWK': withMac(JSON.stringify(jwk)),
    'HS256 keyed with the raw point': withMac(raw),
    'HS256 keyed with nothing': withMac(''),
    'HS512 keyed with the public PEM': withMac(pem.toString(), 'HS512', 'sha512'),
    'ES256 named, HMAC given': withMac(pem.toString(), 'ES256'),
    'RS256 by a key of its own': signedBy(rsa.privateKey, 'RS256', 'sha256'),
    'PS256 by a key of its own': signedBy(rsa.privateKey, 'PS256', 'sha256', { padding: 6 }),
    'ES384 by a key of its own': signedBy(
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
      'ES384',
      'sha384',
      p1363,
    ),
    'ES256K by a key of its own': signedBy(
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
      'ES256K',
      'sha256',
      p1363,
    ),
    'ES256 named, secp256k1 given': signedBy(
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
      'ES256',
      'sha256',
      p1363,
    ),
    'ES512 named, our key': header({ alg: 'ES512' }),
    'EdDSA by a key of its own': (() => {
      const signed = unsigned('EdDSA');
      const { privateKey } = generateKeyPairSync('ed25519');
      return `${signed}.${base64url(sign(null, Buffer.from(signed), privateKey))}`;
    })(),
    'ES256 in DER': signedBy(ours, 'ES256', 'sha256', { dsaEncoding: 'der' }),
    'our key, another hash': signedBy(ours, 'ES256', 'sha384', p1363),
    "a stranger's key under our kid": craft(GOOD_HEADER, payload, stranger.privateKey),
    'an embedded jwk': craft({ ...GOOD_HEADER, jwk: strangerJwk }, payload, stranger.privateKey),
    'an embedded jwk, our signature': header({ jwk: strangerJwk }),
    'a jku': craft({ ...GOOD_HEADER, jku: 'http://127.0.0.1:1/' }, payload, stranger.privateKey),
    'a jku, our signature': header({ jku: 'http://127.0.0.1:1/' }),
    'an x5u, our signature': header({ x5u: 'http://127.0.0.1:1/' }),
    'an x5c, our signature': header({ x5c: ['MIIB'] }),
    'an x5t, our signature': header({ x5t: 'AAAA' }),
    'b64 false, our signature': header({ b64: false, crit: ['b64'] }),
    'b64 true, our signature': header({ b64: true }),
    'crit empty, our signature': header({ crit: [] }),
    'crit unknown, our signature': header({ crit: ['exp'] }),
    'zip, our signature': header({ zip: 'DEF' }),
    'enc, our signature': header({ enc: 'A256GCM' }),
    'cty, our signature': header({ cty: 'JWT' }),
    'typ missing': craft({ alg: 'ES256', kid: KID }, payload, ours),
    'typ JWT': header({ typ: 'JWT' }),
    'typ application/at+jwt': header({ typ: 'application/at+jwt' }),
    'typ AT+JWT': header({ typ: 'AT+JWT' }),
    'kid missing': craft({ alg: 'ES256', typ: 'at+jwt' }, payload, ours),
    'kid empty': header({ kid: '' }),
    'kid unknown': header({ kid: 'unknown' }),
    'kid a path': header({ kid: '../../../../dev/null' }),
    'kid SQL': header({ kid: "' or 1=1 --" }),
    'kid with a NUL': header({ kid: `${KID}\0` }),
    'kid of another case': header({ kid: KID.toUpperCase() }),
    'kid of 4 kB': header({ kid: 'k'.repeat(2000) }),
    'kid a number': header({ kid: 1 }),
    'kid an object': header({ kid: { toString: KID } }),
    'kid __proto__': header({ kid: '__proto__' }),
    'kid constructor': header({ kid: 'constructor' }),
    'header an array': craft([GOOD_HEADER], payload, ours),
    'header null': craft('null', payload, ours),
    'header not JSON': craft('{"alg":"ES256"', payload, ours),
    'header with __proto__': craft(
      `{"__proto__":{"alg":"ES256","typ":"at+jwt"},"kid":"${KID}"}`,
      payload,
      ours,
    ),
    'payload not JSON': craft(GOOD_HEADER, '{', ours),
    'payload an array': craft(GOOD_HEADER, [payload], ours),
    'payload null': craft(GOOD_HEADER, 'null', ours),
    'payload a string': craft(GOOD_HEADER, '"sub"', ours),
  };
}
