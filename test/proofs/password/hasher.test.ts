import argon2 from 'argon2';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHashQueue } from '../../../src/hash-queue/queue.ts';
import { ServerBusyError } from '../../../src/kernel/errors.ts';
import * as derivation from '../../../src/proofs/password/derive.ts';
import { WeakPasswordError } from '../../../src/proofs/password/errors.ts';
import { createHasher } from '../../../src/proofs/password/hasher.ts';
import { TINY, tinyHasher } from './support.ts';

const PASSWORD = 'correct horse battery';
const DEARER = { memoryKib: 16, iterations: 2 };

vi.mock('../../../src/proofs/password/derive.ts', { spy: true });
const derive = vi.mocked(derivation.derive);
/** The parameter sets of the derivations since the last call, sorted. */
const derivedSets = () => {
  const sets = derive.mock.calls.map(([{ parameters: p }]) => `${p.memoryKib}/${p.iterations}`);
  derive.mockClear();
  return sets.sort();
};
afterEach(() => derive.mockClear());

describe('a stored hash', () => {
  test('PW-1 is a PHC string of argon2id at the floor that argon2.verify reads', async () => {
    const hash = await tinyHasher({ memoryKib: 19_456, iterations: 2 }).hash(PASSWORD);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await argon2.verify(hash, PASSWORD)).toBe(true);
    expect(await argon2.verify(hash, `${PASSWORD}!`)).toBe(false);
  });

  test('made by the argon2 package is read', async () => {
    const options = { memoryCost: 8, timeCost: 1, parallelism: 1 };
    const hash = await argon2.hash(PASSWORD, options);
    expect(await tinyHasher().verify(PASSWORD, hash)).toBe(true);
  });

  test('PW-3 never repeats for one password', async () => {
    const hasher = tinyHasher({ queue: createHashQueue({ concurrency: 2, capacity: 1000 }) });
    const hashes = await Promise.all(Array.from({ length: 1000 }, () => hasher.hash(PASSWORD)));
    expect(new Set(hashes).size).toBe(1000);
    expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(1000);
  });

  test('PW-5 is due for a rehash below the current parameters and not above', async () => {
    const cheap = await tinyHasher().hash(PASSWORD);
    const dear = await tinyHasher(DEARER).hash(PASSWORD);
    expect(tinyHasher().needsRehash(cheap)).toBe(false);
    expect(tinyHasher(DEARER).needsRehash(cheap)).toBe(true);
    expect(tinyHasher({ ...TINY, iterations: 2 }).needsRehash(cheap)).toBe(true);
    expect(tinyHasher().needsRehash(dear)).toBe(false);
    expect(tinyHasher().needsRehash('not a hash')).toBe(true);
  });
});

describe('a password', () => {
  test('PW-7 of any characters survives the round trip, and no other one matches', async () => {
    const hasher = tinyHasher();
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, text, async (password, other) => {
        const hash = await hasher.hash(password);
        expect(await hasher.verify(password, hash)).toBe(true);
        const same = password.normalize('NFKC') === other.normalize('NFKC');
        expect(await hasher.verify(other, hash)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['composed and decomposed', 'caf\u00e9 au lait', 'cafe\u0301 au lait', true],
    ['full width', 'ｐａｓｓphrase', 'passphrase', true],
    ['case', 'Abcdefgh', 'abcdefgh', false],
    ['a leading space', ' abcdefgh', 'abcdefgh', false],
    ['a trailing space', 'abcdefgh ', 'abcdefgh', false],
    ['what follows a NUL', 'abcd\0efgh', 'abcd\0wxyz', false],
    ['a NUL at the end', 'abcdefgh\0', 'abcdefgh', false],
    ['the last of 256 characters', 'x'.repeat(256), 'x'.repeat(255), false],
    ['256 characters of four bytes', '🔑'.repeat(256), '🔑'.repeat(256), true],
  ])('PW-6, PW-7 is compared as it was typed: %s', async (_, set, tried, expected) => {
    const hasher = tinyHasher();
    expect(await hasher.verify(tried, await hasher.hash(set))).toBe(expected);
  });

  test('PW-6 over the cap costs no derivation and is never cut', async () => {
    const hasher = tinyHasher();
    const hash = await hasher.hash('x'.repeat(256));
    derive.mockClear();
    for (const password of ['x'.repeat(257), '🔑'.repeat(257), 'x'.repeat(1_000_000)]) {
      expect(await hasher.verify(password, hash)).toBe(false);
      await expect(hasher.hash(password)).rejects.toThrow(WeakPasswordError);
    }
    expect(derivedSets()).toEqual([]);
  });
});

describe('verify', () => {
  test.each([
    ['NULL', null],
    ['empty', ''],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    ['no parallelism', `$argon2id$v=19$m=8,t=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['a parallelism of two', `$argon2id$v=19$m=16,t=1,p=2$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['cut off', '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA'],
    ['no memory', `$argon2id$v=19$m=0,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['all memory', `$argon2id$v=19$m=9999999,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['all time', `$argon2id$v=19$m=8,t=99,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    [
      'unknown pepper',
      `$argon2id$v=19$m=8,t=1,p=1,keyid=AAAAAA$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    ],
    ['binary', '\0\ufffd$$$$$'],
  ])(
    'PW-11, LG-2: a failure costs the current parameters, the stored hash being %s',
    async (_, stored) => {
      expect(await tinyHasher().verify(PASSWORD, stored)).toBe(false);
      expect(derivedSets()).toEqual(['8/1']);
    },
  );
});

describe('LG-3 with mixed parameters', () => {
  test.each([
    ['raised', TINY, DEARER],
    ['lowered', DEARER, TINY],
  ])('a failure costs the same for every account, the setting being %s', async (_, old, now) => {
    const outdated = await tinyHasher(old).hash(PASSWORD);
    const hasher = tinyHasher(now);
    const recent = await hasher.hash(PASSWORD);
    derive.mockClear();
    await hasher.verify('wrong', outdated);
    const first = derivedSets();
    expect(first).toEqual(['16/2', '8/1']);
    for (const stored of [outdated, recent, null, 'corrupt']) {
      expect(await hasher.verify('wrong', stored)).toBe(false);
      expect(derivedSets()).toEqual(first);
    }
    expect(await hasher.verify(PASSWORD, outdated)).toBe(true);
    expect(derivedSets()).toHaveLength(1);
  });

  test('LG-3: the cost of a failure is limited however many sets there are', async () => {
    const hasher = tinyHasher();
    for (let iterations = 1; iterations <= 10; iterations += 1) {
      const old = await tinyHasher({ iterations }).hash(PASSWORD);
      await hasher.verify('wrong', old);
    }
    derive.mockClear();
    await hasher.verify('wrong', null);
    expect(derivedSets()).toHaveLength(4);
  });
});

describe('PW-4 the pepper', () => {
  const [older, newer] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

  test('is needed to verify, and argon2.verify agrees', async () => {
    const hash = await tinyHasher({ peppers: [newer] }).hash(PASSWORD);
    expect(await tinyHasher({ peppers: [newer] }).verify(PASSWORD, hash)).toBe(true);
    expect(await tinyHasher({ peppers: [older] }).verify(PASSWORD, hash)).toBe(false);
    expect(await tinyHasher().verify(PASSWORD, hash)).toBe(false);
    expect(await argon2.verify(hash, PASSWORD)).toBe(false);
    expect(await argon2.verify(hash, PASSWORD, { secret: newer })).toBe(true);
  });

  test('is rotated: hashes of an older one or of none verify and are due for a rehash', async () => {
    const hasher = tinyHasher({ peppers: [newer, older] });
    const plain = await tinyHasher().hash(PASSWORD);
    const old = await tinyHasher({ peppers: [older] }).hash(PASSWORD);
    const fresh = await hasher.hash(PASSWORD);
    for (const hash of [plain, old, fresh]) expect(await hasher.verify(PASSWORD, hash)).toBe(true);
    expect([plain, old, fresh].map(hasher.needsRehash)).toEqual([true, true, false]);
  });
});

describe('the queue', () => {
  test('RL-12 refuses what does not fit, and serves the rest', async () => {
    const queue = createHashQueue({ concurrency: 2, capacity: 3 });
    const hasher = tinyHasher({ queue });
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => hasher.verify(PASSWORD, null)),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(ServerBusyError);
    expect(queue.stats()).toEqual({ inFlight: 0, waiting: 0 });
    expect(derivedSets()).toHaveLength(5);
  });

  test('GQ-14 starts no derivation for a client that disconnected', async () => {
    const hasher = tinyHasher({ queue: createHashQueue({ concurrency: 1, capacity: 64 }) });
    const gone = new AbortController();
    const { signal } = gone;
    const tries = Array.from({ length: 10 }, () => hasher.verify(PASSWORD, null, { signal }));
    gone.abort();
    const results = await Promise.allSettled(tries);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(derivedSets()).toHaveLength(1);
  });
});

test('refuses parameters whose hashes it could not read back', () => {
  const random = { bytes: (length: number) => Buffer.alloc(length) };
  const queue = createHashQueue({ concurrency: 1, capacity: 1 });
  const options = { random, queue, memoryKib: 19_456, iterations: 17 };
  expect(() => createHasher(options)).toThrow(RangeError);
});
