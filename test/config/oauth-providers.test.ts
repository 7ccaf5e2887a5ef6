import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { OAUTH_PRESETS, PRESET_NAMES } from '../../src/settings/oauth-presets.ts';
import { DEVELOPMENT } from './environments.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-oauth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const APPLE = {
  preset: 'apple',
  clientId: 'com.example',
  teamId: 'TEAM123456',
  keyId: 'KEY1234567',
};

const load = (...entries: readonly object[]) =>
  loadConfig(
    { ...DEVELOPMENT, OAUTH_PROVIDERS: JSON.stringify(entries) },
    { dataDirectory: folder },
  ).oauth.providers;

test('every preset needs its client alone, and has a redirect URI of its own', () => {
  const entries = PRESET_NAMES.map((preset) =>
    preset === 'apple'
      ? { ...APPLE, privateKey: PEM }
      : { preset, clientId: 'client', clientSecret: 'secret of the client' },
  );
  const all = load(...entries);
  expect(all.map(({ id, brand }) => [id, brand])).toEqual(
    PRESET_NAMES.map((name) => [name, name.toUpperCase()]),
  );
  expect(all.map(({ issuer }) => issuer)).toEqual(
    Object.values(OAUTH_PRESETS).map(({ issuer }) => issuer),
  );
  for (const { id, redirectUris } of all) {
    expect(redirectUris).toEqual([`http://localhost:4000/oauth/callback/${id}`]);
  }
});

test('O2-3: the providers without PKCE are exactly those that reject it', () => {
  const without = PRESET_NAMES.filter((name) => !OAUTH_PRESETS[name].pkce);
  expect(without).toEqual(['apple', 'linkedin', 'slack', 'twitch']);
});

test('O2-2: the presets that prove an address', () => {
  const proves = Object.entries(OAUTH_PRESETS).flatMap(([name, preset]) => {
    if (preset.protocol === 'openid') {
      return preset.emailVerifiedAs === 'never' ? [] : [[name, preset.emailVerifiedAs]];
    }
    const { profile } = preset;
    if ('emails' in preset) return [[name, ...preset.emails.verified]];
    return 'emailVerified' in profile ? [[name, profile.emailVerified]] : [];
  });
  expect(proves).toEqual([
    ['github', '/verified', '/primary'],
    ['apple', 'text'],
    ['microsoft', 'xms_edov'],
    ['gitlab', 'claim'],
    ['discord', '/verified'],
  ]);
});

test('an entry may change the id, the name, the scopes and the redirect URIs of a preset', () => {
  const changes = {
    ...{ id: 'work', name: 'Work', scopes: ['read:user'] },
    redirectUris: ['https://app.example/work'],
  };
  const [provider] = load({ preset: 'github', clientId: 'c', clientSecret: 's', ...changes });
  expect(provider).toMatchObject({ ...changes, brand: 'GITHUB' });
});

test('GitLab may be one of one’s own, and Microsoft one tenant', () => {
  const client = { clientId: 'c', clientSecret: 's' };
  const [gitlab, one, many] = load(
    { ...client, preset: 'gitlab', issuer: 'https://gitlab.example.org' },
    { ...client, preset: 'microsoft', id: 'one', tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
    { ...client, preset: 'microsoft', id: 'many', tenant: 'organizations' },
  );
  expect(gitlab?.issuer).toBe('https://gitlab.example.org');
  expect(one).toMatchObject({
    issuer: 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
    tenantIssuer: undefined,
  });
  expect(many).toMatchObject({
    issuer: 'https://login.microsoftonline.com/organizations/v2.0',
    tenantIssuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
  });
});

test.each([
  ['https://accounts.google.com', 'GOOGLE'],
  ['https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0', 'MICROSOFT'],
  ['https://gitlab.com', 'GITLAB'],
  ['https://gitlab.com.example', null],
  ['https://id.example', null],
])('a provider of OIDC_PROVIDERS at %s has the brand %s', (issuer, brand) => {
  const entry = { id: 'one', name: 'One', issuer, clientId: 'c', clientSecret: 's' };
  const env = { ...DEVELOPMENT, OIDC_PROVIDERS: JSON.stringify([entry]) };
  const [provider] = loadConfig(env, { dataDirectory: folder }).oauth.providers;
  expect(provider?.brand).toBe(brand);
});

test('AP-2: the key of Apple comes from a file that others cannot write', () => {
  const privateKeyFile = join(folder, 'AuthKey.p8');
  writeFileSync(privateKeyFile, PEM, { mode: 0o600 });
  const [apple] = load({ ...APPLE, privateKeyFile });
  expect(apple).toMatchObject({
    clientSecret: { teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey: PEM },
    formPostUri: 'http://localhost:4000/oauth/form-post/apple',
  });
  chmodSync(folder, 0o755);
  chmodSync(privateKeyFile, 0o666);
  expect(() => load({ ...APPLE, privateKeyFile })).toThrow(/every user may write/);
});

test('a custom provider is read with its endpoints and pointers', () => {
  const entry = {
    id: 'acme',
    name: 'Acme',
    issuer: 'https://acme.example',
    clientId: 'c',
    clientSecret: 's',
    authorizationEndpoint: 'https://acme.example/authorize',
    tokenEndpoint: 'https://acme.example/token',
    userinfoEndpoint: 'https://acme.example/me?fields=all',
    scopes: ['me'],
    profile: { subject: '/data/id', email: '/data/mail', emailVerified: '/data/a~1b', name: '/n' },
    tokenAuth: 'post',
    pkce: false,
  };
  expect(load(entry)).toMatchObject([
    { ...entry, protocol: 'oauth2', brand: null, formPostUri: null },
  ]);
});
