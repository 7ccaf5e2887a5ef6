import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { readSettings } from '../../src/settings/read.ts';
import { BAD_BOOTS, CANARY } from './bad-boots.ts';
import { PRODUCTION } from './environments.ts';

/** The error a start ends in; a start that succeeds fails the test. */
function refusalOf(env: Readonly<Record<string, string | undefined>>): ConfigError {
  try {
    loadConfig(env, { dataDirectory: '/dev/null/never-written' });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('CF-1, OA-12: loadConfig refuses', () => {
  test.each(BAD_BOOTS)('$refused: $why', ({ env, refused }) => {
    const error = refusalOf(env);
    expect(error.problems.map((problem) => problem.setting)).toEqual(refused);
    for (const name of refused) expect(error.message).toContain(`\n  ${name} `);
  });

  test.each(BAD_BOOTS)('without showing a value: $refused, $why', ({ env }) => {
    const shown = inspect(refusalOf(env), { depth: null, showHidden: true });
    expect(shown).toContain('ConfigError');
    expect(shown.toLowerCase()).not.toContain(CANARY.toLowerCase());
    const secrets = ['SECRET_KEYS', 'DATABASE_URL', 'SMTP_URL', 'PUBLIC_URL'];
    secrets.push('OIDC_PROVIDERS', 'OAUTH_PROVIDERS');
    for (const name of secrets.filter((one) => env[one]?.trim() && env[one] !== ',,')) {
      expect(shown).not.toContain(env[name]);
    }
  });
});

test('loadConfig lists all problems at once, also those between settings', () => {
  const error = refusalOf({
    NODE_ENV: 'production',
    REFRESH_TOKEN_TTL: '8d',
    SESSION_MAX_AGE: '7d',
    CORS_ORIGINS: '*',
    DATABASE_POOL_SIZ: '5',
  });
  expect(error.problems.map((problem) => problem.setting).toSorted()).toEqual(
    ['CORS_ORIGINS', 'DATABASE_POOL_SIZ', 'DATABASE_URL', 'MAIL_FROM', 'PUBLIC_URL']
      .concat(['REFRESH_TOKEN_TTL', 'SECRET_KEYS', 'SMTP_URL'])
      .toSorted(),
  );
});

test('a misspelled NODE_ENV counts as production, which is safe', () => {
  const names = refusalOf({ NODE_ENV: 'prodution' }).problems.map((problem) => problem.setting);
  expect(names).toEqual(expect.arrayContaining(['NODE_ENV', 'SECRET_KEYS', 'PUBLIC_URL']));
});

test('a missing DATABASE_URL says what to do', () => {
  expect(refusalOf({}).message).toContain('npm start');
});

test('an invalid entry of a list is named by its position', () => {
  const env = { ...PRODUCTION, CORS_ORIGINS: 'https://a.example,https://b.example/x' };
  expect(refusalOf(env).message).toContain('CORS_ORIGINS entry 2 ');
});

test('RL-12: hashes leave a thread for files and DNS, in each worker', () => {
  const rules = (env: Readonly<Record<string, string>>) => {
    const settings = readSettings({ ...PRODUCTION, HASH_CONCURRENCY: '2', ...env });
    return settings.ok ? [] : settings.problems.map(({ setting }) => setting);
  };
  // A machine of one core runs one hash at a time, whatever is asked for.
  const refused = availableParallelism() > 1 ? ['HASH_CONCURRENCY'] : [];
  expect(rules({ UV_THREADPOOL_SIZE: '2' })).toEqual(refused);
  expect(rules({ UV_THREADPOOL_SIZE: '3' })).toEqual([]);
  expect(rules({ UV_THREADPOOL_SIZE: '2', LATCHKEY_WORKERS: '2' })).toEqual([]);
});
