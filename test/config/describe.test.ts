import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeConfig } from '../../src/settings/describe.ts';
import { SETTING_NAMES } from '../../src/settings/table.ts';
import { PRODUCTION } from './environments.ts';

const CANARY = 'cAnArY7351';
const directory = mkdtempSync(join(tmpdir(), 'latchkey-describe-'));
afterAll(() => rmSync(directory, { recursive: true }));

const rowOf = (env: Readonly<Record<string, string>>, name: string) =>
  describeConfig(env).find((row) => row.name === name);

test('describeConfig has a row for every setting, in the order of the table', () => {
  expect(describeConfig({}).map((row) => row.name)).toEqual(SETTING_NAMES);
});

test('describeConfig shows values and their sources', () => {
  const path = join(directory, 'google');
  writeFileSync(path, CANARY);
  const env = { ...PRODUCTION, GOOGLE_CLIENT_SECRET_FILE: path };
  expect(rowOf(env, 'PORT')).toEqual({ name: 'PORT', value: '4000', source: 'default' });
  expect(rowOf(env, 'APP_URL')?.value).toBe('https://auth.example.com');
  expect(rowOf(env, 'PUBLIC_URL')).toMatchObject({
    value: 'https://auth.example.com',
    source: 'environment',
  });
  expect(rowOf(env, 'GOOGLE_CLIENT_SECRET')).toMatchObject({ value: '(set)', source: 'file' });
  expect(rowOf(env, 'SECRET_KEYS')).toMatchObject({ value: '(set)', source: 'environment' });
  expect(rowOf(env, 'DATABASE_URL')?.value).toBe('postgres://db.internal:5432/latchkey');
  expect(rowOf(env, 'SMTP_URL')?.value).toMatch(/^smtps:\/\/smtp\.example\.com:465\/?$/);
  expect(rowOf({}, 'SMTP_URL')?.value).toBe('(development mailbox)');
});

test('describeConfig shows no secret, valid or not', () => {
  const wrong = {
    SECRET_KEYS: `${CANARY},${CANARY}`,
    DATABASE_URL: `postgres://${CANARY}:${CANARY}@db/x?password=${CANARY}`,
    SMTP_URL: `smtp:/${CANARY}:${CANARY}@@mail:x`,
    GOOGLE_CLIENT_SECRET: CANARY,
    OIDC_PROVIDERS: `[{"clientSecret":"${CANARY}"}]`,
    PUBLIC_URL: `https://user:${CANARY}/x@auth.example.com`,
    CORS_ORIGINS: `https://user:${CANARY}@a.example, https://u:${CANARY}@b.example`,
  };
  expect(JSON.stringify(describeConfig(wrong))).not.toContain(CANARY);
  const twice = describeConfig({ SMTP_URL: CANARY, SMTP_URL_FILE: CANARY });
  expect(JSON.stringify(twice)).not.toContain(CANARY);
  expect(twice.find((row) => row.name === 'SMTP_URL')?.value).toContain('set twice');
});

test.each([
  ['a slash first', `postgres://app:/${CANARY}@db/latchkey`],
  ['a slash behind digits', `postgres://app:4/${CANARY}@db/latchkey`],
  ['a slash in the user', `postgres://a/${CANARY}:secret@db/latchkey`],
  ['a question mark', `postgres://app:4?${CANARY}@db/latchkey`],
  ['a hash', `postgres://app:4#${CANARY}@db/latchkey`],
  ['an @ behind the slash', `postgres://app:4/${CANARY}@x@db/latchkey`],
])('CF-2: nor a part of a password that should have been escaped: %s', (_, url) => {
  for (const [name, value] of [
    ['DATABASE_URL', url],
    ['SMTP_URL', url.replace('postgres:', 'smtp:').replace(/latchkey$/, '')],
  ] as const) {
    expect(rowOf({ [name]: value }, name)?.value).toBe('(set)');
  }
});
