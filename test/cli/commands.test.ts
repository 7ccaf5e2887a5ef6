import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withDatabaseHint } from '../../src/cli/database-hint.ts';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { PRODUCTION } from '../config/environments.ts';
import { latchkey as run } from '../support/latchkey.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const OLD_SECRET = 'q0b2NnK7Q1W8rU5gk0QbHh3m0xJ5l5nXh2v3d9sYcLk=';
const NEW_SECRET = 'Zk9w3mB1yq7T4xVhR2uLc8Jd6Ns0PfGaE5iOoXbKtQY=';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Runs one command line under an environment, and keeps what it printed. */
async function latchkey(line: string, environment: Readonly<Record<string, string>> = {}) {
  const env = { NODE_ENV: 'test', DATABASE_URL: database.url, ...environment };
  const { code, out, err } = await run(line, { env });
  return { code, lines: [...out, ...err.map((text) => `! ${text}`)] };
}

test('keys rotate, list, reseal and revoke work on one set of keys', async () => {
  const old = { SECRET_KEYS: OLD_SECRET };
  const none = await latchkey('keys list', old);
  expect(none.lines).toEqual(['There are no signing keys yet: the first start creates them.']);

  const rotated = await latchkey('keys rotate', old);
  expect(rotated.code).toBe(0);
  const kid = /^([\w-]{43}) signs from \d{4}-.*Z\.$/.exec(rotated.lines[0] ?? '')?.[1] ?? '';
  const listed = await latchkey('keys list', old);
  expect(listed.lines.map((line) => line.split(/ +/)[1])).toEqual([
    'signing',
    'waiting',
    'waiting',
  ]);
  expect(listed.lines[1]).toContain(kid);

  const both = { SECRET_KEYS: `${NEW_SECRET},${OLD_SECRET}` };
  const stale = await latchkey('keys list', both);
  expect(stale.lines.every((line) => line.endsWith('older secret: run keys reseal'))).toBe(true);
  expect((await latchkey('keys reseal', both)).lines).toEqual([
    'signing keys resealed: 3',
    'authenticator secrets resealed: 0',
    'removed credentials resealed: 0',
  ]);
  expect((await latchkey('keys reseal', { SECRET_KEYS: NEW_SECRET })).lines).toEqual([
    'signing keys resealed: 0',
    'authenticator secrets resealed: 0',
    'removed credentials resealed: 0',
  ]);

  const signing = listed.lines[0]?.split(' ')[0] ?? '';
  const revoked = await latchkey(`keys revoke ${signing}`, { SECRET_KEYS: NEW_SECRET });
  expect(revoked.code).toBe(0);
  expect(await latchkey(`keys revoke ${signing}`, { SECRET_KEYS: NEW_SECRET })).toEqual({
    code: 0,
    lines: [`${signing} was already revoked. Nothing was changed.`],
  });
  const after = await latchkey('keys list', { SECRET_KEYS: NEW_SECRET });
  expect(after.lines.find((line) => line.startsWith(signing))).toMatch(
    / revoked +from .* revoked /,
  );
  expect(after.lines.find((line) => line.startsWith(kid))).toMatch(/ signing /);
});

test('keys revoke reports an unknown key, and requires exactly one', async () => {
  const environment = { SECRET_KEYS: NEW_SECRET };
  expect(await latchkey('keys revoke nobody', environment)).toEqual({
    code: 5,
    lines: ['! There is no signing key with that id.'],
  });
  expect((await latchkey('keys revoke', environment)).code).toBe(2);
});

test('purge runs a pass at once, each time', async () => {
  const environment = { SECRET_KEYS: NEW_SECRET };
  for (const _ of [1, 2]) {
    const { code, lines } = await latchkey('purge', environment);
    expect(code).toBe(0);
    expect(lines).toContain('sessions 0');
    expect(lines).toContain('audit_events 0');
  }
  expect((await latchkey('purge now', environment)).code).toBe(2);
});

test('print-schema prints the text of schema.graphql, without an environment', async () => {
  const { code, lines } = await latchkey('print-schema', { NODE_ENV: 'wrong' });
  expect(code).toBe(0);
  const file = readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8');
  expect(`${lines.join('\n')}\n`).toBe(file);
});

test('CF-2: config shows every setting and its source, and no secret', async () => {
  const { code, lines } = await latchkey('config', { ...PRODUCTION, LOG_LEVEL: 'debug' });
  expect(code).toBe(0);
  expect(lines.join('\n')).toMatch(/^LOG_LEVEL +environment +debug$/m);
  expect(lines.join('\n')).toMatch(/^SECRET_KEYS +environment +\(set\)$/m);
  expect(lines.join('\n')).not.toMatch(/q0b2NnK7|kR4vn0mlQx|Wd83nfLq/);
});

test('config also shows invalid settings, says what is wrong and exits with 3', async () => {
  const { code, lines } = await latchkey('config', { NODE_ENV: 'production', PORT: '99999' });
  expect(code).toBe(3);
  expect(lines.join('\n')).toMatch(/^PORT +environment +99999$/m);
  expect(lines.join('\n')).toMatch(/! {3}PORT must be a whole number/);
});

test('a missing DATABASE_URL in development says how to reach the running database', () => {
  const load = (env: Readonly<Record<string, string>>) => () =>
    withDatabaseHint(() => loadConfig(env));
  expect(load({ NODE_ENV: 'test', SECRET_KEYS: OLD_SECRET })).toThrow(/postgres\.password/);
  const other = load({ NODE_ENV: 'test', SECRET_KEYS: OLD_SECRET, PORT: 'x' });
  expect(other).toThrow(ConfigError);
  expect(other).not.toThrow(/postgres\.password/);
});
