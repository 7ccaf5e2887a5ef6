import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Lockfile, lockfileFaults } from '../../scripts/lockfile/faults.ts';

const HASH = `sha512-${'A'.repeat(86)}==`;
const REGISTRY = 'https://registry.npmjs.org';

const lockWith = (path: string, entry: object): Lockfile => ({
  lockfileVersion: 3,
  packages: { '': {}, client: { version: '0.1.0' }, [path]: entry },
});

test('SC-2: the lock of this repository lets nothing in unseen', () => {
  const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
  expect(lockfileFaults(JSON.parse(text))).toEqual([]);
});

test.each([
  ['a package of the registry', 'node_modules/zod', { version: '4.6.7', integrity: HASH }],
  [
    'one with its address',
    'node_modules/a/node_modules/@b/c',
    { resolved: `${REGISTRY}/@b/c/-/c-1.0.0.tgz`, integrity: HASH },
  ],
  ['a workspace', 'node_modules/@latchkey/client', { resolved: 'client', link: true }],
])('%s is fine', (_what, path, entry) => {
  expect(lockfileFaults(lockWith(path, entry))).toEqual([]);
});

test.each([
  ['without a hash', 'node_modules/zod', { version: '4.6.7' }],
  ['with a broken hash', 'node_modules/zod', { integrity: 'sha512-' }],
  ['with SHA-1 alone', 'node_modules/zod', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
  [
    'with SHA-1 beside',
    'node_modules/zod',
    { integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${HASH}` },
  ],
  ['over http', 'node_modules/zod', { resolved: 'http://registry.npmjs.org/a', integrity: HASH }],
  ['of another host', 'node_modules/zod', { resolved: 'https://evil.test/a', integrity: HASH }],
  [
    'of a host that looks like it',
    'node_modules/zod',
    { resolved: `${REGISTRY}.evil.test/a`, integrity: HASH },
  ],
  ['of git', 'node_modules/zod', { resolved: 'git+ssh://git@github.com/a/b.git#1' }],
  ['of a file', 'node_modules/zod', { resolved: 'file:../zod.tgz', integrity: HASH }],
  ['linked from elsewhere', 'node_modules/zod', { resolved: '../zod', link: true }],
  ['lying elsewhere', '../zod', { version: '4.6.7' }],
  ['deep below, without a hash', 'node_modules/a/node_modules/@b/c', { version: '1.0.0' }],
])('a package %s is refused', (_what, path, entry) => {
  const faults = lockfileFaults(lockWith(path, entry));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(path);
});

test('a lock of another version is refused: its entries stand elsewhere', () => {
  expect(lockfileFaults({ lockfileVersion: 1, packages: {} })).toHaveLength(1);
});
