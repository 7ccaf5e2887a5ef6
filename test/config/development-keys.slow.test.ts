import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { DEVELOPMENT } from './environments.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-keys-'));
afterAll(() => rmSync(root, { recursive: true }));

test('development keys are generated once, readable by their owner alone, and kept', () => {
  const dataDirectory = join(root, 'fresh');
  const first = loadConfig(DEVELOPMENT, { dataDirectory }).secretKeys;
  const second = loadConfig(DEVELOPMENT, { dataDirectory }).secretKeys;
  expect(second).toEqual(first);
  expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDirectory, 'secret-keys')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDirectory)).toEqual(['secret-keys']);
  expect(loadConfig(DEVELOPMENT, { dataDirectory: join(root, 'other') }).secretKeys).not.toEqual(
    first,
  );
});

test('development keys are not written for a refused start, nor if SECRET_KEYS is set', () => {
  const dataDirectory = join(root, 'untouched');
  expect(() => loadConfig({ PORT: 'x' }, { dataDirectory })).toThrow(ConfigError);
  const SECRET_KEYS = 'q0b2NnK7Q1W8rU5gk0QbHh3m0xJ5l5nXh2v3d9sYcLk=';
  loadConfig({ ...DEVELOPMENT, SECRET_KEYS }, { dataDirectory });
  expect(readdirSync(root)).not.toContain('untouched');
});

test('a damaged file of development keys is a problem; it is neither used nor replaced', () => {
  const dataDirectory = join(root, 'damaged');
  mkdirSync(dataDirectory);
  writeFileSync(join(dataDirectory, 'secret-keys'), 'c2hvcnQ=');
  expect(() => loadConfig(DEVELOPMENT, { dataDirectory })).toThrow(/SECRET_KEYS .* damaged/);
});

test('a data directory that cannot be created is a problem of SECRET_KEYS', () => {
  const dataDirectory = '/dev/null/data';
  expect(() => loadConfig(DEVELOPMENT, { dataDirectory })).toThrow(/SECRET_KEYS .* \(ENOTDIR\)/);
});

/** Starts at one moment in as many directories as there are rounds, and prints the keys it got. */
const RACER = `
  const { developmentKeys } = await import(process.argv[1]);
  const [directory, start, rounds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  const keys = [];
  for (let round = 0; round < rounds; round++) {
    while (Date.now() < start + round * 10);
    keys.push(developmentKeys(directory + '/' + round));
  }
  console.log(JSON.stringify(keys));
`;

test('two processes that start at once use the same keys', async () => {
  const [directory, rounds] = [join(root, 'race'), 40];
  const module = import.meta.resolve('../../src/settings/development-keys.ts');
  const start = String(Date.now() + 700);
  const race = async (): Promise<unknown> => {
    const script = ['--input-type=module', '-e', RACER, module, directory, start, String(rounds)];
    const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return JSON.parse(output);
  };
  const [one, other] = await Promise.all([race(), race()]);
  expect(one).toHaveLength(rounds);
  expect(new Set(one as readonly string[]).size).toBe(rounds);
  expect(other).toEqual(one);
  expect(readdirSync(join(directory, '0'))).toEqual(['secret-keys']);
});
