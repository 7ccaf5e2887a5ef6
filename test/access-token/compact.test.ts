import { sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { createAccessTokenVerifier, isSignedBy } from '../../src/access-token/verify.ts';
import { lowBits, malleations } from './malleations.ts';
import { base64url, craft, GOOD_HEADER, goodPayload, REQUEST, testDeps } from './support.ts';

const deps = testDeps();
const verifier = createAccessTokenVerifier(deps);
const { token } = signAccessToken(deps, REQUEST);
const [header = '', payload = '', signature = ''] = token.split('.');
// One that remembers by the text, and has seen ours: no other spelling may be taken for it.
const accepted = (text: string) => verifier.verify(text) !== null;

const malleated = malleations(token);

describe('TK-6: the spelling of a token', () => {
  test('is accepted as the server writes it', () => {
    expect(accepted(token)).toBe(true);
  });

  test.each(Object.entries(malleated))('is refused with %s', (_, text) => {
    expect(accepted(text)).toBe(false);
  });

  // 64 bytes end in a character with four unused bits.
  test.each(lowBits(signature, 4))(
    'is refused with stray low bits in the signature: …%s',
    (other) => {
      expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
      expect(accepted(`${header}.${payload}.${other}`)).toBe(false);
    },
  );

  test('is refused with stray low bits in a payload that was signed so', () => {
    const payloads = ['', ' ', '  '].map(
      (pad) => JSON.stringify(goodPayload(deps.clock.now())) + pad,
    );
    const loose = payloads.filter((text) => text.length % 3 !== 0);
    expect(loose.length).toBe(2);
    for (const text of loose) {
      const unused = text.length % 3 === 1 ? 4 : 2;
      expect(accepted(craft(GOOD_HEADER, text, deps.privateKey))).toBe(true);
      for (const other of lowBits(base64url(text), unused)) {
        expect(accepted(resign(`${base64url(JSON.stringify(GOOD_HEADER))}.${other}`))).toBe(false);
      }
    }
  });

  test('is refused in base64 with + and /', () => {
    const plain = token.replaceAll('-', '+').replaceAll('_', '/');
    expect(accepted(plain)).toBe(plain === token);
  });

  test('is refused beyond 4096 bytes, even with a valid signature', () => {
    const long = (filler: number) =>
      craft(
        GOOD_HEADER,
        { ...goodPayload(deps.clock.now()), filler: 'x'.repeat(filler) },
        deps.privateKey,
      );
    const overhead = long(0).length;
    const room = Math.floor((4096 - overhead) * 0.75);
    expect(long(room).length).toBeLessThanOrEqual(4096);
    expect(accepted(long(room))).toBe(true);
    expect(accepted(long(room + 8))).toBe(false);
  });

  test('is refused with any one character changed', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: token.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (index, character) => {
          fc.pre(token[index] !== character);
          return !accepted(token.slice(0, index) + character + token.slice(index + 1));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** Numbers at the edges of the group, where ECDSA verifiers have failed (Wycheproof's classes). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const edges = { 0: 0n, 1: 1n, 'n-1': N - 1n, n: N, 'n+1': N + 1n, max: 2n ** 256n - 1n };
const bytes = (value: bigint, length = 32) =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

describe('TK-13: a signature at the edges of its range', () => {
  const pairs = Object.entries(edges).flatMap(([r, rValue]) =>
    Object.entries(edges).map(([s, sValue]) => [r, s, rValue, sValue] as const),
  );
  test.each(pairs)('is refused with r = %s, s = %s', (_r, _s, r, s) => {
    const forged = base64url(Buffer.concat([bytes(r), bytes(s)]));
    expect(accepted(`${header}.${payload}.${forged}`)).toBe(false);
  });

  const real = Buffer.from(signature, 'base64url');
  const r = real.subarray(0, 32);
  const s = real.subarray(32);
  const big = (part: Buffer) => BigInt(`0x${part.toString('hex')}`);
  const zero = Buffer.of(0);
  const resized: Record<string, Buffer> = {
    'both halves with a leading zero': Buffer.concat([zero, r, zero, s]),
    'both halves with a trailing zero': Buffer.concat([r, zero, s, zero]),
    'halves that are far too long': Buffer.concat([Buffer.alloc(400), r, Buffer.alloc(400), s]),
    'r + n': Buffer.concat([bytes(big(r) + N, 33), zero, s]),
    's + n': Buffer.concat([zero, r, bytes(big(s) + N, 33)]),
    'r + 2^256': Buffer.concat([Buffer.of(1), r, zero, s]),
    'halves swapped': Buffer.concat([s, r]),
    'the first half alone': r,
    'one byte': zero,
    '65 bytes': Buffer.concat([real, zero]),
    '63 bytes': real.subarray(0, 63),
  };
  test.each(Object.entries(resized))('refuses %s', (_, forged) => {
    expect(accepted(`${header}.${payload}.${base64url(forged)}`)).toBe(false);
  });

  test('is refused for every other 64 bytes', () => {
    const signed = `${header}.${payload}`;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (other) => !isSignedBy(deps.publicKey, signed, Buffer.from(other)),
      ),
      { numRuns: 300 },
    );
  });
});

describe('TK-8: a text that is no token', () => {
  const part = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.json().map(base64url),
    fc.uint8Array().map(base64url),
    fc.constantFrom(header, payload, signature, ''),
  );
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
    fc.tuple(fc.json(), fc.json()).map(([h, p]) => craft(h, p, deps.privateKey)),
    fc.json().map((p) => craft(GOOD_HEADER, p, deps.privateKey)),
    fc
      .dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', '__proto__', 'jwk'), fc.jsonValue())
      .map((h) => craft(h, goodPayload(deps.clock.now()), deps.privateKey)),
  );

  test('is refused, and never throws', () => {
    fc.assert(
      fc.property(
        garbage.filter((text) => text !== token),
        (text) => !accepted(text),
      ),
      { numRuns: 3000 },
    );
  });

  test('is refused cheaply, however long', () => {
    const before = performance.now();
    for (const text of ['a'.repeat(1e6), `${'.'.repeat(1e6)}`, `${'a.'.repeat(5e5)}a`]) {
      for (let round = 0; round < 100; round += 1) expect(accepted(text)).toBe(false);
    }
    expect(performance.now() - before).toBeLessThan(500);
  });
});

/** Signs a text whose parts are not canonical, as a broken signer would. */
function resign(signed: string): string {
  const made = sign('sha256', Buffer.from(signed), {
    key: deps.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${base64url(made)}`;
}
