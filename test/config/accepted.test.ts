import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { DAY, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { SETTING_NAMES } from '../../src/settings/table.ts';
import { DEVELOPMENT, PRODUCTION, randomLooking } from './environments.ts';

const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
afterAll(() => rmSync(dataDirectory, { recursive: true }));
const load = (env: Readonly<Record<string, string | undefined>>) =>
  loadConfig(env, { dataDirectory });

/** What no option of a provider changes. */
const PLAIN_OPENID = {
  protocol: 'openid',
  pkce: true,
  usesFormPost: false,
  formPostUri: null,
  authorizationParameters: {},
};

test('development needs only a database', () => {
  const { secretKeys, shown, ...config } = load(DEVELOPMENT);
  expect(shown.map(({ name }) => name)).toEqual(SETTING_NAMES);
  expect(secretKeys.map((key) => key.length)).toEqual([32]);
  expect(config).toEqual({
    mode: 'development',
    host: '127.0.0.1',
    port: 4000,
    publicUrl: 'http://localhost:4000',
    appUrl: 'http://localhost:4000',
    appName: 'Latchkey',
    databaseUrl: DEVELOPMENT.DATABASE_URL,
    databasePoolSize: 10,
    workers: 1,
    migrateOnStart: true,
    accessToken: { lifetime: 15 * MINUTE, audience: 'http://localhost:4000' },
    claims: { defaultRoles: [], templates: {}, preset: null, maxBytes: 1200 },
    session: {
      refreshLifetime: 7 * DAY,
      maxAge: 30 * DAY,
      replayWindow: 30 * SECOND,
      refreshCookie: false,
    },
    signingKeyLifetime: 30 * DAY,
    emailVerification: 'required',
    emailSignIn: { mode: 'off', lifetime: 10 * MINUTE },
    mfaRequired: false,
    password: {
      minLength: 8,
      breachCheck: false,
      memoryKib: 19_456,
      iterations: 2,
      hashConcurrency: Math.min(availableParallelism(), 3),
      hashQueue: 64,
    },
    stepUpMaxAge: 10 * MINUTE,
    mail: {
      smtpUrl: null,
      smtpOAuth: null,
      allowPlain: false,
      ehloName: 'localhost',
      from: '"Latchkey" <no-reply@localhost>',
      concurrency: 8,
      rate: 80,
    },
    oauth: { providers: [] },
    passkeys: {
      enabled: true,
      rpId: 'localhost',
      origins: ['http://localhost:4000'],
      perPerson: 20,
    },
    corsOrigins: [],
    corsHeaders: [],
    keepAliveTimeout: 75 * SECOND,
    trustedProxyHops: 0,
    rateLimits: { allowances: {}, exemptSources: [] },
    graphiql: true,
    impersonation: { enabled: false, maxAge: 3_600_000 },
    introspection: true,
    trustedDocuments: null,
    metricsHost: '127.0.0.1',
    metricsPort: null,
    operator: null,
    admin: { port: 4001, host: '127.0.0.1', origin: 'http://localhost:4001' },
    auditRetention: 365 * DAY,
    telemetry: null,
    logLevel: 'info',
  });
});

test('a test run is development', () => {
  expect(load({ ...DEVELOPMENT, NODE_ENV: 'test' }).mode).toBe('development');
});

test('production closes what development opens', () => {
  const config = load(PRODUCTION);
  expect(config).toMatchObject({
    mode: 'production',
    graphiql: false,
    introspection: false,
    migrateOnStart: false,
    publicUrl: 'https://auth.example.com',
    accessToken: { audience: 'https://auth.example.com' },
  });
  expect(load({ ...PRODUCTION, HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
  expect(load({ ...PRODUCTION, HOST: '[::]' }).host).toBe('::');
});

describe('the text of a setting is read in one way', () => {
  test.each([
    [
      { PUBLIC_URL: 'https://Auth.Example.com:443/' },
      {
        publicUrl: 'https://auth.example.com',
        appUrl: 'https://auth.example.com',
        accessToken: { audience: 'https://auth.example.com' },
      },
    ],
    [{ PUBLIC_URL: 'http://[::1]:4000' }, { publicUrl: 'http://[::1]:4000' }],
    [{ APP_URL: 'https://app.example/login/' }, { appUrl: 'https://app.example/login' }],
    [
      { CORS_ORIGINS: 'https://a.example, http://localhost:5173' },
      { corsOrigins: ['https://a.example', 'http://localhost:5173'] },
    ],
    [
      {
        CORS_ORIGINS:
          'capacitor://localhost,tauri://localhost,ionic://app:8100,chrome-extension://abcdefghijklmnop',
      },
      {
        corsOrigins: [
          'capacitor://localhost',
          'tauri://localhost',
          'ionic://app:8100',
          'chrome-extension://abcdefghijklmnop',
        ],
      },
    ],
    [
      { APP_URL: 'https://app.example:8443/login' },
      { passkeys: { rpId: 'app.example', origins: ['https://app.example:8443'] } },
    ],
    [
      {
        APP_URL: 'https://app.example.com',
        PASSKEY_RP_ID: 'example.com',
        PASSKEY_ORIGINS: `https://app.example.com,https://example.org,android:apk-key-hash:${'A'.repeat(43)}`,
      },
      {
        passkeys: {
          enabled: true,
          rpId: 'example.com',
          origins: [
            'https://app.example.com',
            'https://example.org',
            `android:apk-key-hash:${'A'.repeat(43)}`,
          ],
        },
      },
    ],
    // No passkey can belong to an IP address.
    [{ APP_URL: 'http://127.0.0.1:3000' }, { passkeys: { enabled: false } }],
    [{ APP_URL: 'http://[::1]:3000' }, { passkeys: { enabled: false } }],
    [{ PASSKEYS: 'false' }, { passkeys: { enabled: false } }],
    [
      { CORS_HEADERS: 'X-Trace-Id, x-tenant', KEEP_ALIVE_TIMEOUT: '620s' },
      { corsHeaders: ['x-trace-id', 'x-tenant'], keepAliveTimeout: 620 * SECOND },
    ],
    [
      { GRAPHIQL: ' true\n', LOG_LEVEL: '' },
      { graphiql: true, logLevel: 'info' },
    ],
    [
      { REFRESH_REPLAY_WINDOW: '0s', TRUSTED_PROXY_HOPS: '1' },
      { session: { replayWindow: 0 }, trustedProxyHops: 1 },
    ],
    [
      { PASSWORD_BREACH_CHECK: 'true', MFA_REQUIRED: 'true' },
      { password: { breachCheck: true }, mfaRequired: true },
    ],
    [{}, { mail: { ehloName: 'auth.example.com', allowPlain: false, smtpOAuth: null } }],
    [{ PUBLIC_URL: 'http://127.0.0.1:4000' }, { mail: { ehloName: '[127.0.0.1]' } }],
    [{ PUBLIC_URL: 'http://[::1]:4000' }, { mail: { ehloName: '[IPv6:::1]' } }],
    [
      {
        MAIL_EHLO_NAME: 'Mail.Example.com',
        SMTP_ALLOW_PLAIN: 'true',
        SMTP_URL: 'smtp://no-reply%40example.com@smtp.example.com',
        SMTP_OAUTH:
          '{"tokenUrl":"https://id.example/token","clientId":"id","clientSecret":"geheim","scope":"mail"}',
      },
      {
        mail: {
          smtpUrl: 'smtp://no-reply%40example.com@smtp.example.com',
          smtpOAuth: {
            tokenUrl: 'https://id.example/token',
            clientId: 'id',
            clientSecret: 'geheim',
            scope: 'mail',
          },
          ehloName: 'mail.example.com',
          allowPlain: true,
        },
      },
    ],
    [
      { METRICS_PORT: '9464', TRUSTED_DOCUMENTS: import.meta.filename },
      { metricsPort: 9464, trustedDocuments: import.meta.filename },
    ],
  ])('%o', (env, expected) => {
    expect(load({ ...PRODUCTION, ...env })).toMatchObject(expected);
  });

  test('the sender of development quotes a service name with a comma', () => {
    const { mail } = load({ ...DEVELOPMENT, APP_NAME: 'Acme, Inc.' });
    expect(mail.from).toBe('"Acme, Inc." <no-reply@localhost>');
  });
});

test('Google is the first provider, with its issuer filled in', () => {
  const acme = {
    id: 'acme',
    name: 'Acme',
    issuer: 'http://127.0.0.1:9000/',
    clientId: 'a',
    clientSecret: 'b',
  };
  const env = {
    GOOGLE_CLIENT_ID: 'id',
    GOOGLE_CLIENT_SECRET: 'geheim',
    OIDC_PROVIDERS: JSON.stringify([acme]),
  };
  const scopes = ['openid', 'email', 'profile'];
  expect(load({ ...PRODUCTION, ...env }).oauth.providers).toEqual([
    {
      ...PLAIN_OPENID,
      id: 'google',
      name: 'Google',
      brand: 'GOOGLE',
      issuer: 'https://accounts.google.com',
      clientId: 'id',
      clientSecret: 'geheim',
      scopes,
      issParameter: false,
      trustedAudiences: [],
      emailVerifiedAs: 'claim',
      allowPrivateAddress: false,
      redirectUris: ['https://auth.example.com/oauth/callback/google'],
    },
    {
      ...PLAIN_OPENID,
      ...acme,
      brand: null,
      scopes,
      issParameter: false,
      trustedAudiences: [],
      emailVerifiedAs: 'claim',
      allowPrivateAddress: false,
      redirectUris: ['https://auth.example.com/oauth/callback/acme'],
    },
  ]);
});

test('several keys keep their order, newest first, in either base64 alphabet', () => {
  const [one, two] = [randomLooking(32), randomLooking(40).reverse()];
  const SECRET_KEYS = `${one.toString('base64')}, ${two.toString('base64url')}`;
  expect(load({ ...PRODUCTION, SECRET_KEYS }).secretKeys).toEqual([one, two]);
});

test('the configuration is deeply frozen', () => {
  const config = load({
    ...PRODUCTION,
    OIDC_PROVIDERS: JSON.stringify([
      { id: 'a', name: 'A', issuer: 'https://a.example', clientId: 'a', clientSecret: 'b' },
    ]),
  });
  const loose = (value: unknown, path: string): readonly string[] => {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
    const inside = Object.entries(value).flatMap(([key, part]) => loose(part, `${path}.${key}`));
    return Object.isFrozen(value) ? inside : [path, ...inside];
  };
  expect(loose(config, 'config')).toEqual([]);
});

test('CF-3: no setting exists for tests alone', () => {
  const suspicious = /TEST|FAKE|MOCK|FIXED|STUB|DISABLE|SKIP|INSECURE|UNSAFE|E2E|BYPASS|DEBUG/;
  expect(SETTING_NAMES.length).toBeGreaterThan(30);
  // OpenTelemetry's own switch, which sends less and guards nothing.
  const found = SETTING_NAMES.filter((name) => suspicious.test(name));
  expect(found).toEqual(['OTEL_SDK_DISABLED']);
});

test('OA-13: every option of a provider is read', () => {
  const options = {
    scopes: ['openid'],
    redirectUris: ['https://app.example/cb'],
    issParameter: false,
    tokenAuth: 'post',
    trustedAudiences: ['project'],
    emailVerifiedAs: 'xms_edov',
    allowPrivateAddress: true,
    tenantIssuer: 'https://login.example/{tenantid}/v2.0',
  };
  const provider = {
    id: 'acme',
    name: 'Acme',
    issuer: 'https://login.example/common/v2.0',
    clientId: 'a',
    clientSecret: 'secret of the client',
    ...options,
  };
  const config = load({ ...PRODUCTION, OIDC_PROVIDERS: JSON.stringify([provider]) });
  expect(config.oauth.providers).toEqual([{ ...PLAIN_OPENID, brand: null, ...provider }]);
});

describe('OA-4: the redirect URIs of providers', () => {
  const provider = (id: string, more = {}) => ({
    id,
    name: id,
    issuer: `https://${id}.example`,
    clientId: 'client',
    clientSecret: 'secret of the client',
    ...more,
  });
  const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret of google' };
  const uris = (env: Record<string, string>, ...providers: object[]) => {
    const given = { OIDC_PROVIDERS: JSON.stringify(providers), APP_URL: 'https://app.example' };
    const config = load({ ...DEVELOPMENT, ...given, ...env });
    return config.oauth.providers.map(({ redirectUris }) => redirectUris);
  };
  const own = (id: string) => `https://app.example/oauth/callback/${id}`;

  test('a single provider has its own URI and the short one', () => {
    const short = 'https://app.example/oauth/callback';
    expect(uris({}, provider('one'))).toEqual([[own('one'), short]]);
    expect(uris(google)).toEqual([[own('google'), short]]);
  });

  test('several providers each have their own URI', () => {
    expect(uris(google, provider('one'))).toEqual([[own('google')], [own('one')]]);
  });

  test('configured URIs replace the default ones', () => {
    const redirectUris = ['https://a.example/cb', 'com.example.app:/cb'];
    expect(uris({}, provider('one', { redirectUris }), provider('two'))).toEqual([
      redirectUris,
      [own('two')],
    ]);
  });

  test('two providers may share a URI if both send iss', () => {
    const shared = { redirectUris: ['https://app.example/cb'], issParameter: true };
    const both = uris({}, provider('one', shared), provider('two', shared));
    expect(both).toEqual([shared.redirectUris, shared.redirectUris]);
  });
});
