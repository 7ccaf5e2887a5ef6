import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeysUnavailableError } from '../../verify/src/index.ts';
import { craft, GOOD_HEADER, goodPayload } from '../access-token/support.ts';
import { createIssuer, type Mode } from './issuer.ts';

const MINUTE = 60_000;
const FAILURES: readonly Mode[] = [
  'down',
  'error',
  'gateway page',
  'not a key set',
  'redirect',
  'redirect that was followed',
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const issuer = createIssuer();
  const { deps } = issuer;
  const verify = (kid: string = GOOD_HEADER.kid, key = deps.privateKey) =>
    issuer.verifier.verifyAccessToken(
      craft({ ...GOOD_HEADER, kid }, goodPayload(deps.clock.now()), key),
    );
  const advance = (milliseconds: number) => {
    vi.setSystemTime(Date.now() + milliseconds);
    deps.clock.advance(milliseconds);
  };
  return { ...issuer, verify, advance };
}

describe('the keys', () => {
  test('are read once in ten minutes, however many requests come', async () => {
    const { verify, advance, network } = start();
    await Promise.all(Array.from({ length: 50 }, () => verify()));
    advance(9 * MINUTE);
    await verify();
    expect(network.requests).toBe(1);
    advance(2 * MINUTE);
    await verify();
    expect(network.requests).toBe(2);
  });

  test('F-12: are read again for an unknown one, once in 30 s whoever asks', async () => {
    const { verify, advance, network, published } = start();
    await verify();
    const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    published.set('next', next.publicKey);
    for (let count = 0; count < 20; count += 1) expect(await verify(`made up ${count}`)).toBeNull();
    expect(network.requests).toBe(1);
    advance(31_000);
    expect(await verify('next', next.privateKey)).not.toBeNull();
    expect(network.requests).toBe(2);
  });

  test('TK-11: a token of a revoked key is rejected after ten minutes', async () => {
    const { verify, advance, published } = start();
    expect(await verify()).not.toBeNull();
    published.clear();
    advance(10 * MINUTE + 1);
    expect(await verify()).toBeNull();
  });

  test.each<Mode>(FAILURES)(
    'serve on for half an hour with the issuer %s, and heal with the next read',
    async (mode) => {
      const { verify, advance, network } = start();
      await verify();
      network.mode = mode;
      for (const minutes of [11, 11]) {
        advance(minutes * MINUTE);
        expect(await verify()).not.toBeNull();
      }
      // A key that is unknown to outdated keys may exist by now, so no decision is possible.
      await expect(verify('made up')).rejects.toThrow(KeysUnavailableError);
      advance(11 * MINUTE);
      await expect(verify()).rejects.toThrow(KeysUnavailableError);
      network.mode = 'up';
      advance(5_000);
      expect(await verify()).not.toBeNull();
    },
  );

  test.each<Mode>(FAILURES)(
    'TK-15: 300 forged tokens while the issuer answers "%s" cost it one request in five seconds',
    async (mode) => {
      const { verify, advance, network } = start();
      const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const flood = async (count: number) => {
        for (let index = 0; index < count; index += 1) {
          await expect(verify(`made up ${index}`, forger)).rejects.toThrow(KeysUnavailableError);
        }
      };
      network.mode = mode;
      await flood(300);
      expect(network.requests).toBe(1);
      advance(4_999);
      await flood(20);
      expect(network.requests).toBe(1);
      advance(1);
      await flood(20);
      expect(network.requests).toBe(2);
    },
  );

  test('TK-15: the pause also holds after half an hour with the last known keys', async () => {
    const { verify, advance, network } = start();
    await verify();
    network.mode = 'down';
    advance(31 * MINUTE);
    for (let count = 0; count < 300; count += 1) {
      await expect(verify(`made up ${count}`)).rejects.toThrow(KeysUnavailableError);
    }
    expect(network.requests).toBe(2);
  });

  test('TK-15: a clock that was set back by an hour does not prolong the pause', async () => {
    const { verify, network } = start();
    network.mode = 'down';
    await expect(verify()).rejects.toThrow(KeysUnavailableError);
    network.mode = 'up';
    vi.setSystemTime(Date.now() - 60 * MINUTE);
    expect(await verify()).not.toBeNull();
  });

  test('that were never read allow no decision, except for text that cannot be a token', async () => {
    const { verify, network, verifier } = start();
    network.mode = 'down';
    await expect(verify()).rejects.toThrow(KeysUnavailableError);
    expect(await verifier.verifyAccessToken('a.b.c')).toBeNull();
    expect(network.requests).toBe(1);
  });
});
