import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { readableSecretFiles } from '../../src/settings/sources.ts';
import { PRODUCTION, randomLooking } from './environments.ts';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-files-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** An environment whose secrets are all files. */
function withFiles(texts: Readonly<Record<string, string>>) {
  const env: Record<string, string | undefined> = { ...PRODUCTION };
  for (const [name, text] of Object.entries(texts)) {
    const path = join(directory, name);
    writeFileSync(path, text);
    env[name] = undefined;
    env[`${name}_FILE`] = path;
  }
  return env;
}

test('CF-2: every secret can come from a file, without its trailing newline', () => {
  const key = randomLooking(33);
  const oidc = [
    { id: 'a', name: 'A', issuer: 'https://a.example', clientId: 'a', clientSecret: 's3' },
  ];
  const config = loadConfig({
    ...withFiles({
      SECRET_KEYS: `${key.toString('base64')}\n`,
      DATABASE_URL: 'postgres://a:b@db/files\r\n',
      SMTP_URL: 'smtp://a:b@smtp.example\n',
      GOOGLE_CLIENT_SECRET: 'from-a-file\n',
      OIDC_PROVIDERS: `${JSON.stringify(oidc, null, 2)}\n`,
    }),
    GOOGLE_CLIENT_ID: 'id',
  });
  expect(config.secretKeys).toEqual([key]);
  expect(config.databaseUrl).toBe('postgres://a:b@db/files');
  expect(config.mail.smtpUrl).toBe('smtp://a:b@smtp.example');
  expect(config.oauth.providers.map((one) => one.clientSecret)).toEqual(['from-a-file', 's3']);
});

test('an empty file is a problem, not an unset secret', () => {
  const env = withFiles({ GOOGLE_CLIENT_SECRET: '\n' });
  expect(() => loadConfig(env)).toThrow('GOOGLE_CLIENT_SECRET_FILE names an empty file');
});

test('the text of a file is validated like a variable', () => {
  const env = withFiles({ SECRET_KEYS: Buffer.alloc(32, 7).toString('base64') });
  expect(() => loadConfig(env)).toThrow(/SECRET_KEYS entry 1 is not random/);
});

test('an empty NAME_FILE counts as unset', () => {
  expect(loadConfig({ ...PRODUCTION, SECRET_KEYS_FILE: ' ' }).mode).toBe('production');
});

test.each([
  ['0600 in an open directory', 0o755, 0o600, 'starts'],
  ['0640 in an open directory', 0o755, 0o640, 'starts'],
  ['0644 in an open directory', 0o755, 0o644, 'warns'],
  ['0604 in an open directory', 0o755, 0o604, 'warns'],
  ['0646 in an open directory', 0o755, 0o646, 'refuses'],
  ['0602 in an open directory', 0o755, 0o602, 'refuses'],
  ['0644 in a directory of its owner', 0o700, 0o644, 'starts'],
  ['0666 in a directory of its owner', 0o700, 0o666, 'starts'],
])('CF-2, CF-11: a secret file of mode %s: the server %s', (_, directoryMode, mode, outcome) => {
  // The directory of all these files is the test's own, and closed: opened for this one.
  chmodSync(directory, 0o755);
  const own = join(directory, `of-mode-${directoryMode}-${mode}`);
  mkdirSync(own);
  const path = join(own, 'secret');
  writeFileSync(path, randomLooking(33).toString('base64'));
  chmodSync(path, mode);
  chmodSync(own, directoryMode);
  const env = { ...PRODUCTION, SECRET_KEYS: undefined, SECRET_KEYS_FILE: path };
  if (outcome === 'refuses') {
    expect(() => loadConfig(env)).toThrow(
      'SECRET_KEYS_FILE names a file that every user may write',
    );
    return;
  }
  expect(loadConfig(env).mode).toBe('production');
  expect(readableSecretFiles(env)).toEqual(outcome === 'warns' ? ['SECRET_KEYS_FILE'] : []);
});
