import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRecent } from '../../src/access-token/recent.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { createAccessTokenVerifier } from '../../src/access-token/verify.ts';
import { MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { KID, REQUEST, testDeps } from './support.ts';

afterEach(() => vi.restoreAllMocks());

/** A verifier, and how often it asked for a key: once for a known token, twice with a signature. */
function setUp() {
  const deps = testDeps();
  const asked = vi.spyOn(deps.accessTokenKeys, 'verificationKey');
  const verifier = createAccessTokenVerifier(deps);
  const sign = () => signAccessToken(deps, REQUEST).token;
  return { deps, asked, verifier, sign };
}

describe('a token that was verified before', () => {
  test('is accepted without a second signature check, with the same holder', async () => {
    const { asked, verifier, sign } = setUp();
    const token = sign();
    const first = verifier.verify(token);
    expect(first).not.toBeNull();
    asked.mockClear();
    expect(verifier.verify(token)).toBe(first);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('is refused once it has expired', async () => {
    const { deps, verifier, sign } = setUp();
    const token = sign();
    expect(verifier.verify(token)).not.toBeNull();
    deps.clock.advance(15 * MINUTE - 1);
    expect(verifier.verify(token)).not.toBeNull();
    deps.clock.advance(1);
    expect(verifier.verify(token)).toBeNull();
  });

  test('is refused before its time if the clock is set back', async () => {
    const { deps, verifier, sign } = setUp();
    const token = sign();
    expect(verifier.verify(token)).not.toBeNull();
    deps.clock.advance(-31 * SECOND);
    expect(verifier.verify(token)).toBeNull();
  });

  test('TK-11: is refused as soon as its key is revoked', async () => {
    const { deps, verifier, sign } = setUp();
    const token = sign();
    expect(verifier.verify(token)).not.toBeNull();
    deps.accepted.delete(KID);
    expect(verifier.verify(token)).toBeNull();
  });

  test('does not help another token: a changed payload under its signature is refused', async () => {
    const { verifier, sign } = setUp();
    const [one, two] = [sign(), sign()];
    expect(verifier.verify(one)).not.toBeNull();
    const mixed = [...one.split('.').slice(0, 2), two.split('.')[2]].join('.');
    expect(verifier.verify(mixed)).toBeNull();
    expect(verifier.verify(mixed)).toBeNull();
  });

  test('cannot be changed by its reader', async () => {
    const { verifier, sign } = setUp();
    expect(Object.isFrozen(verifier.verify(sign()))).toBe(true);
  });
});

describe('the memory of verified tokens', () => {
  const keysOf = (recent: ReturnType<typeof createRecent<number>>, upTo: number) =>
    Array.from({ length: upTo }, (_, index) => `${index}`).filter(
      (key) => recent.get(key) === Number(key),
    );

  test('never exceeds its limit', () => {
    const recent = createRecent<number>(100);
    for (let index = 0; index < 1000; index += 1) recent.set(`${index}`, index);
    expect(keysOf(recent, 1000).length).toBeLessThanOrEqual(100);
    expect(keysOf(recent, 1000).length).toBeGreaterThanOrEqual(50);
  });

  test('keeps the tokens that are used', () => {
    const recent = createRecent<number>(100);
    recent.set('used', -1);
    for (let index = 0; index < 1000; index += 1) {
      recent.set(`${index}`, index);
      if (index % 20 === 0) expect(recent.get('used')).toBe(-1);
    }
    expect(recent.get('999')).toBe(999);
    expect(recent.get('0')).toBeUndefined();
  });
});
