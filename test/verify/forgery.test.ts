import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { authenticateHeader, createVerifier } from '../../verify/src/index.ts';
import { alterationsAt } from '../access-token/alterations.ts';
import { createForgeries } from '../access-token/forgeries.ts';
import { lowBits, malleations } from '../access-token/malleations.ts';
import { craft, GOOD_HEADER, goodPayload, REQUEST } from '../access-token/support.ts';
import { createIssuer } from './issuer.ts';

const { deps, verifier, network } = createIssuer({ toleranceSeconds: 30 });
const T = Math.floor(deps.clock.now().getTime() / 1000);
const good = goodPayload(deps.clock.now());
const { token } = await signAccessToken(deps, REQUEST);
const verify = (text: string) => verifier.verifyAccessToken(text);
const sign = (payload: unknown) => craft(GOOD_HEADER, payload, deps.privateKey);

describe('a resource server', () => {
  test('accepts a token of this server and reads its claims', async () => {
    expect(await verify(token)).toEqual({
      userId: REQUEST.userId,
      sessionId: REQUEST.sessionId,
      tokenId: expect.stringMatching(/^[\w-]{22}$/),
      issuedAt: deps.clock.now(),
      expiresAt: new Date((T + 900) * 1000),
      authenticatedAt: REQUEST.authenticatedAt,
      methods: REQUEST.methods,
      roles: [],
      claimsVersion: 2,
      impersonatedBy: null,
      custom: {},
    });
    expect(await verify(sign(good))).not.toBeNull();
  });

  test.each(Object.entries(createForgeries(deps)))('TK-1, TK-2: refuses %s', async (_, forged) => {
    expect(await verify(forged)).toBeNull();
  });

  test.each(Object.entries(malleations(token)))('TK-6: refuses %s', async (_, text) => {
    expect(await verify(text)).toBeNull();
  });

  test('TK-6: rejects stray low bits, and more than 4096 bytes', async () => {
    const [header, payload, signature = ''] = token.split('.');
    for (const other of lowBits(signature, 4)) {
      expect(await verify(`${header}.${payload}.${other}`)).toBeNull();
    }
    expect(await verify(sign({ ...good, note: 'x'.repeat(2000) }))).not.toBeNull();
    expect(await verify(sign({ ...good, note: 'x'.repeat(4000) }))).toBeNull();
  });

  test.each(Object.keys(good))('TK-3: refuses a token without %s', async (claim) => {
    const { [claim]: _, ...rest } = good;
    expect(await verify(sign(rest))).toBeNull();
  });

  test.each(alterationsAt(T))('TK-3: refuses %s of %j', async (claim, value) => {
    expect(await verify(sign({ ...good, [claim]: value }))).toBeNull();
  });

  test('TK-4: tolerates the configured clock difference, and no more', async () => {
    const strict = createIssuer({ toleranceSeconds: 0, now: () => new Date(T * 1000) });
    const lax = createIssuer({ now: () => new Date(T * 1000) });
    const at = async (issuer: typeof lax, moments: object) =>
      (await issuer.verifier.verifyAccessToken(
        craft(GOOD_HEADER, { ...good, ...moments }, issuer.deps.privateKey),
      )) !== null;
    expect(await at(strict, { iat: T, exp: T + 900 })).toBe(true);
    expect(await at(strict, { iat: T + 1, exp: T + 900 })).toBe(false);
    expect(await at(strict, { iat: T - 900, exp: T })).toBe(false);
    expect(await at(strict, { iat: T - 900, exp: T + 1 })).toBe(true);
    expect(await at(lax, { iat: T + 10, exp: T + 900 })).toBe(true);
    expect(await at(lax, { iat: T + 11, exp: T + 900 })).toBe(false);
    expect(await at(lax, { iat: T - 900, exp: T - 9 })).toBe(true);
    expect(await at(lax, { iat: T - 900, exp: T - 10 })).toBe(false);
    expect(await at(lax, { iat: T, exp: T + 1801 })).toBe(false);
    for (const toleranceSeconds of [-1, 31, Number.NaN]) {
      expect(() =>
        createVerifier({ issuer: 'https://a', audience: 'b', toleranceSeconds }),
      ).toThrow(RangeError);
    }
  });

  test('TK-8: answers null to any header, and never throws', async () => {
    const part = fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '_'));
    const header = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.tuple(part, part, part).map((parts) => `Bearer ${parts.join('.')}`),
      fc.constantFrom(
        `Bearer ${token} ${token}`,
        `Bearer ${token},Bearer ${token}`,
        token,
        'Bearer',
      ),
      fc.constant(`Bearer ${'a'.repeat(100_000)}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        expect(await authenticateHeader(verifier, text)).toBeNull();
      }),
      { numRuns: 5000 },
    );
    expect(await authenticateHeader(verifier, `bearer ${token}`)).not.toBeNull();
    expect(await authenticateHeader(verifier, null)).toBeNull();
  });

  test('requests the issuer’s keys once, and never asks about a token', () => {
    expect(network.requests).toBe(1);
  });
});
