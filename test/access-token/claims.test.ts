import { describe, expect, test } from 'vitest';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { alterationsAt } from './alterations.ts';
import {
  AUDIENCE,
  craft,
  GOOD_HEADER,
  goodPayload,
  ISSUER,
  REQUEST,
  testDeps,
  verifyAccessToken,
} from './support.ts';

const deps = testDeps();
const start = deps.clock.now();
const T = Math.floor(start.getTime() / 1000);
const good = goodPayload(start);

const verifyAt = (payload: object, seconds: number) => {
  const clock = { now: () => new Date(seconds * 1000) };
  return verifyAccessToken({ ...deps, clock }, craft(GOOD_HEADER, payload, deps.privateKey));
};
const verify = (payload: object) => verifyAt(payload, T);

/** Header and payload as they are sent. */
function partsOf(token: string) {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(part, 'base64url').toString());
  return [read(header), read(payload)] as const;
}

describe('an access token', () => {
  test('names its person and session', () => {
    const { token } = signAccessToken(deps, REQUEST);
    const { userId, sessionId } = REQUEST;
    expect(verifyAccessToken(deps, token)).toEqual({ userId, sessionId });
  });

  test("carries the claims of RFC 9068 and the server's own, to the second, and no others", () => {
    const { token, expiresAt } = signAccessToken(deps, REQUEST);
    expect(expiresAt).toEqual(new Date((T + 900) * 1000));
    const [header, payload] = partsOf(token);
    expect(header).toEqual(GOOD_HEADER);
    expect(payload).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: REQUEST.userId,
      client_id: 'latchkey',
      sid: REQUEST.sessionId,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: T,
      exp: T + 900,
      auth_time: T - 60,
      amr: REQUEST.methods,
      epoch: 3,
      claims_version: 2,
    });
  });

  test('has an id of its own', () => {
    const tokens = Array.from({ length: 100 }, () => signAccessToken(deps, REQUEST));
    const ids = tokens.map(({ token }) => partsOf(token)[1]['jti']);
    expect(new Set(ids).size).toBe(100);
  });
});

describe('TK-3, TK-14: the claims of an access token, each required and typed', () => {
  test('are accepted if all are present', () => {
    expect(verify(good)).not.toBeNull();
  });

  test.each(Object.keys(good))('are refused without %s', (claim) => {
    const { [claim]: _, ...rest } = good;
    expect(verify(rest)).toBeNull();
  });

  test.each(alterationsAt(T))('are refused with %s of %j', (claim, value) => {
    expect(verify({ ...good, [claim]: value })).toBeNull();
  });

  test('do not include members that an object inherits', () => {
    const { sub: _, ...rest } = good;
    const json = JSON.stringify(rest).replace('{', `{"__proto__":{"sub":"${REQUEST.userId}"},`);
    const token = craft(GOOD_HEADER, json, deps.privateKey);
    expect(verifyAccessToken(deps, token)).toBeNull();
  });
});

describe('TK-4: the lifetime of an access token', () => {
  const living = (seconds: number) => verifyAt(good, seconds) !== null;

  test('ends exactly at exp', () => {
    expect(living(T + 899.999)).toBe(true);
    expect(living(T + 900)).toBe(false);
  });

  test('begins up to 30 s before iat, for an instance whose clock is behind', () => {
    expect(living(T - 30)).toBe(true);
    expect(living(T - 30.001)).toBe(false);
  });

  test('honors nbf with the same tolerance', () => {
    expect(verify({ ...good, nbf: T + 30 })).not.toBeNull();
    expect(verify({ ...good, nbf: T + 31 })).toBeNull();
  });

  test('is neither longer than 30 min nor zero', () => {
    expect(verify({ ...good, exp: T + 1800 })).not.toBeNull();
    expect(verify({ ...good, exp: T + 1801 })).toBeNull();
    expect(verifyAt({ ...good, exp: T }, T - 10)).toBeNull();
    expect(verifyAt({ ...good, exp: T - 5 }, T - 10)).toBeNull();
  });
});
