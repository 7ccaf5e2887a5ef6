import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  AccessTokenRefusedError,
  authenticateHeader,
  createVerifier,
  type Refusal,
} from '../../verify/src/index.ts';
import { AUDIENCE, craft, GOOD_HEADER, goodPayload, ISSUER } from '../access-token/support.ts';
import { createIssuer } from './issuer.ts';

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

function start() {
  const refusals: Refusal[] = [];
  const issuer = createIssuer({ onRefused: (refusal) => refusals.push(refusal) });
  const payload = goodPayload(issuer.deps.clock.now());
  const sign = (changes: object, header: object = GOOD_HEADER, key = issuer.deps.privateKey) =>
    craft(header, { ...payload, ...changes }, key);
  return { ...issuer, refusals, payload, sign };
}

const { sign: of, deps } = start();
const T = Math.floor(deps.clock.now().getTime() / 1000);

describe('TK-16: the reason for a rejection', () => {
  test.each<[string, string, Refusal['reason'], RegExp]>([
    ['no token', 'a.b.c', 'malformed', /compact/],
    ['too long', of({ note: 'x'.repeat(4096) }), 'malformed', /4096/],
    ['an ID token', of({}, { ...GOOD_HEADER, typ: 'JWT' }), 'type', /at\+jwt/],
    ['HS256', of({}, { ...GOOD_HEADER, alg: 'HS256' }), 'type', /ES256/],
    [
      'a further header',
      of({}, { ...GOOD_HEADER, jku: 'https://evil.example' }),
      'type',
      /no other/,
    ],
    ['of another issuer', of({ iss: 'https://evil.example' }), 'issuer', /PUBLIC_URL/],
    ['without an issuer', of({ iss: undefined }), 'issuer', /PUBLIC_URL/],
    [
      'with a slash too many',
      of({ iss: `${ISSUER}/` }),
      'issuer',
      /slash at the end, which the token has/,
    ],
    ['in upper case', of({ iss: 'https://AUTH.example.test' }), 'issuer', /case alone/],
    ['over http', of({ iss: ISSUER.replace('https', 'http') }), 'issuer', /http and https/],
    [
      'for somebody else',
      of({ aud: 'https://other.example' }),
      'audience',
      /ACCESS_TOKEN_AUDIENCE/,
    ],
    ['for several', of({ aud: [AUDIENCE] }), 'audience', /ACCESS_TOKEN_AUDIENCE/],
    ['for an audience with a slash', of({ aud: `${AUDIENCE}/` }), 'audience', /slash at the end/],
    ['for the issuer itself', of({ aud: ISSUER }), 'audience', /ACCESS_TOKEN_AUDIENCE is not set/],
    ['without a session', of({ sid: undefined }), 'claims', /missing/],
    ['that lives too long', of({ exp: T + 1801 }), 'claims', /missing/],
    ['from the future', of({ iat: T + 60, exp: T + 900 }), 'not-yet-valid', /clock/],
    ['expired', of({ iat: T - 900, exp: T - 11 }), 'expired', /refreshed/],
    ['by an unknown key', of({}, { ...GOOD_HEADER, kid: 'other' }), 'key-unknown', /SECRET_KEYS/],
    ['by a stranger', of({}, GOOD_HEADER, stranger), 'signature', /altered/],
  ])('%s', async (_, token, reason, hint) => {
    const { verifier, refusals, published } = start();
    published.set(GOOD_HEADER.kid, deps.publicKey);
    expect(await verifier.verifyAccessToken(token)).toBeNull();
    expect(refusals).toEqual([{ reason, hint: expect.stringMatching(hint) }]);
    const refused = await verifier.verifyOrThrow(token).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AccessTokenRefusedError);
    expect(refused).toMatchObject({ reason, hint: refusals[0]?.hint });
    expect(refusals).toHaveLength(2);
  });

  test('contains nothing of the token, whatever it contains', async () => {
    const { verifier, refusals, sign } = start();
    const canary = 'cAnArY7351';
    const claims = ['iss', 'aud', 'sub', 'sid', 'jti', 'client_id', 'amr'];
    for (const claim of claims) await verifier.verifyAccessToken(sign({ [claim]: canary }));
    for (const header of ['alg', 'typ', 'kid']) {
      await verifier.verifyAccessToken(sign({}, { ...GOOD_HEADER, [header]: canary }));
    }
    const thrown = await verifier.verifyOrThrow(canary).catch((error: unknown) => error);
    expect(refusals).toHaveLength(claims.length + 4);
    expect(JSON.stringify([refusals, thrown, String(thrown)])).not.toContain(canary);
  });

  test('is reported for a Bearer header without exactly one token, and for no other scheme', async () => {
    const { verifier, refusals, sign } = start();
    const token = sign({});
    expect(await authenticateHeader(verifier, `Bearer ${token}`)).not.toBeNull();
    expect(refusals).toEqual([]);
    for (const header of [
      `Bearer ${token} `,
      `Bearer  ${token}`,
      `Bearer "${token}"`,
      'Bearer x\ny',
    ]) {
      expect(await authenticateHeader(verifier, header)).toBeNull();
    }
    expect(refusals.map(({ reason }) => reason)).toEqual(Array(4).fill('malformed'));
    expect(await authenticateHeader(verifier, `Basic ${token}`)).toBeNull();
    expect(await authenticateHeader(verifier, undefined)).toBeNull();
    expect(refusals).toHaveLength(4);
  });

  test('is not reported for a valid token', async () => {
    const { verifier, refusals, sign, payload } = start();
    expect(await verifier.verifyOrThrow(sign({}))).toMatchObject({ userId: payload['sub'] });
    expect(refusals).toEqual([]);
  });

  test('a callback that throws lets nobody in', async () => {
    const { verifier } = createIssuer({
      onRefused: () => {
        throw new Error('the log is full');
      },
    });
    await expect(verifier.verifyAccessToken('a.b.c')).rejects.toThrow('the log is full');
  });
});

describe('TK-16: createVerifier rejects an issuer that cannot be a Latchkey server', () => {
  test.each([
    ['https://auth.example.com/', 'https://auth.example.com.'],
    ['https://auth.example.com/auth', 'https://auth.example.com.'],
    ['https://Auth.Example.com', 'https://auth.example.com.'],
    ['https://auth.example.com:443', 'https://auth.example.com.'],
    ['auth.example.com', 'https://auth.example.com.'],
    ['', 'https://auth.example.com.'],
  ])('%j', (issuer, example) => {
    const make = () => createVerifier({ issuer, audience: AUDIENCE });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`as in ${example}`);
  });

  test('createVerifier rejects an empty audience', () => {
    expect(() => createVerifier({ issuer: ISSUER, audience: '' })).toThrow('ACCESS_TOKEN_AUDIENCE');
  });
});
