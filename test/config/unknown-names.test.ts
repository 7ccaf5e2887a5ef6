import { expect, test } from 'vitest';
import { SETTING_NAMES } from '../../src/settings/table.ts';
import { findUnknownNames } from '../../src/settings/unknown-names.ts';

const rulesFor = (name: string, value = 'x') => findUnknownNames({ [name]: value });

test.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['SECRET_KEY', 'SECRET_KEYS'],
  ['SECRET_KEY_FILE', 'SECRET_KEYS_FILE'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['MAIL_FORM', 'MAIL_FROM'],
  ['PUBLIC_URI', 'PUBLIC_URL'],
  ['public_url', 'PUBLIC_URL'],
  ['ACESS_TOKEN_TTLS', 'ACCESS_TOKEN_TTL'],
  ['TRUSTED_PROXY_HOP', 'TRUSTED_PROXY_HOPS'],
  ['GOOGLE_CLIENT_SECERT', 'GOOGLE_CLIENT_SECRET'],
])('%s is taken for a misspelt %s', (name, meant) => {
  expect(rulesFor(name)).toEqual([
    { setting: name, rule: `is not a setting; did you mean ${meant}?` },
  ]);
});

test.each([
  'ARGON2_PARALLELISM',
  'ACCESS_TOKEN_SECRET',
  'OIDC_ISSUER',
  'LATCHKEY_PORT',
  'HASH_WORKERS',
  'REFRESH_GRACE',
  'TRUSTED_PROXY_ADDRESSES',
  'ACCESS_TOKEN_TTL_FILE',
  'ARGON2_MEMORY_FILE',
])('%s is ours and is no setting', (name) => {
  expect(rulesFor(name).map((problem) => problem.setting)).toEqual([name]);
});

test.each([
  ['GOOGLE_APPLICATION_CREDENTIALS'],
  ['GOOGLE_CLIENT_EMAIL'],
  ['NODE_OPTIONS'],
  ['NODE_EXTRA_CA_CERTS'],
  ['NODE_PATH'],
  ['npm_config_cache'],
  ['npm_lifecycle_event'],
  ['HOSTNAME'],
  ['HOSTTYPE'],
  ['PORTAGE_CONFIGROOT'],
  ['SORT'],
  ['POST'],
  ['LOG_LEVEL_FILE'],
  ['LOG_FORMAT'],
  ['DATABASE_HOST'],
  ['DATABASE_PASSWORD'],
  ['SMTP_HOST'],
  ['MAILCHECK'],
  ['POSTGRES_PASSWORD'],
  ['PGHOST'],
  ['APP_ENV'],
  ['APP_KEY'],
  ['HASHICORP_TOKEN'],
  ['TRUSTED_HOSTS'],
  ['SESSION_MANAGER'],
  ['XDG_SESSION_ID'],
  ['CIRCLE_OIDC_TOKEN'],
  ['LATCHKEY_PORT', 'tcp://10.0.0.7:4000'],
  ['LATCHKEY_SERVICE_HOST'],
  ['LATCHKEY_SERVICE_PORT_HTTP'],
  ['LATCHKEY_PORT_4000_TCP_ADDR'],
  ['ARGON2_MEMORY', ''],
])('%s is none of our business', (name, value = 'x') => {
  expect(rulesFor(name, value)).toEqual([]);
});

test('every setting is known, and every secret also as a file', () => {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, 'x']));
  expect(findUnknownNames({ ...env, SECRET_KEYS_FILE: 'x', DATABASE_URL_FILE: 'x' })).toEqual([]);
});
