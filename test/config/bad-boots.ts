import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { DEVELOPMENT, PRODUCTION, randomLooking } from './environments.ts';

/** Stands wherever a value can: it must never come back. */
export const CANARY = 'cAnArY7351';

/** An environment that must not start, and the names it must be refused for. */
export type BadBoot = {
  readonly why: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly refused: readonly string[];
};

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const provider = (changes: object) => ({
  id: 'acme',
  name: 'Acme',
  issuer: 'https://id.acme.example',
  clientId: CANARY,
  clientSecret: CANARY,
  ...changes,
});
const providers = (...all: readonly object[]) => ({ OIDC_PROVIDERS: JSON.stringify(all) });

/** An OAuth 2.0 provider without a preset. */
const custom = (changes: object) => ({
  ...provider({}),
  authorizationEndpoint: 'https://id.acme.example/authorize',
  tokenEndpoint: 'https://id.acme.example/token',
  userinfoEndpoint: 'https://id.acme.example/me',
  profile: { subject: '/id' },
  ...changes,
});
const github = (changes: object) => ({
  ...{ preset: 'github', clientId: CANARY, clientSecret: CANARY },
  ...changes,
});
const apple = (changes: object) => ({
  preset: 'apple',
  clientId: CANARY,
  teamId: 'TEAM123456',
  keyId: 'KEY1234567',
  ...changes,
});
const pem = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const oauth = (...all: readonly object[]) => ({ OAUTH_PROVIDERS: JSON.stringify(all) });

/** Why a provider of OAUTH_PROVIDERS is refused. */
const badOAuth: readonly (readonly [string, object])[] = [
  ['an unknown preset', github({ preset: CANARY })],
  ['a preset that every object has', github({ preset: 'constructor' })],
  ['a preset without a secret', github({ clientSecret: undefined })],
  ['a preset without a client', github({ clientId: undefined })],
  ['a preset with a member misspelt', github({ client_secret: CANARY })],
  ['a preset with an endpoint', github({ tokenEndpoint: 'https://github.example' })],
  ['a preset with an issuer that is fixed', github({ issuer: `https://${CANARY}.example` })],
  ['GitLab over http', github({ preset: 'gitlab', issuer: `http://${CANARY}.example` })],
  ['a tenant that is not of Microsoft', github({ tenant: CANARY })],
  ['a tenant that leads elsewhere', github({ preset: 'microsoft', tenant: `../${CANARY}` })],
  ['a placeholder for a preset’s secret', github({ clientSecret: 'changeme' })],
  ['a preset with the key of Apple', github({ keyId: 'KEY1234567' })],
  ['a custom provider without endpoints', provider({})],
  ['a custom provider without a profile', custom({ profile: undefined })],
  ['a custom provider without a subject', custom({ profile: { email: '/email' } })],
  ['a pointer that is a name', custom({ profile: { subject: CANARY } })],
  ['a pointer with a broken escape', custom({ profile: { subject: `/${CANARY}~2` } })],
  ['the pointer to the whole document', custom({ profile: { subject: '' } })],
  ['a token endpoint over http', custom({ tokenEndpoint: `http://${CANARY}.example` })],
  ['an endpoint with credentials', custom({ userinfoEndpoint: `https://u:${CANARY}@id.example` })],
  ['an endpoint with a fragment', custom({ authorizationEndpoint: `https://a.example#${CANARY}` })],
  ['PKCE in words', custom({ pkce: 'true' })],
  [
    'a list of addresses that proves all of them',
    custom({ emails: { endpoint: 'https://a.example/emails', email: '/email', verified: [] } }),
  ],
  ['Apple without a key', apple({})],
  ['Apple with a secret', apple({ clientSecret: CANARY, privateKey: pem('P-256') })],
  ['Apple with a key and a file', apple({ privateKey: pem('P-256'), privateKeyFile: '/x' })],
  ['Apple with a key of another curve', apple({ privateKey: pem('P-384') })],
  ['Apple with a key that is none', apple({ privateKey: CANARY })],
  ['Apple with a file that is not there', apple({ privateKeyFile: `/${CANARY}.p8` })],
  ['Apple with a key id that is none', apple({ keyId: CANARY, privateKey: pem('P-256') })],
];

const smtpOAuth = (changes: object) =>
  JSON.stringify({
    tokenUrl: 'https://id.example/token',
    clientId: CANARY,
    clientSecret: `${CANARY} of the client`,
    ...changes,
  });

const inProduction: readonly (readonly [string, BadBoot['env'], string])[] = [
  ['no keys', { SECRET_KEYS: undefined }, 'SECRET_KEYS'],
  ['empty keys', { SECRET_KEYS: '  ' }, 'SECRET_KEYS'],
  ['only commas for keys', { SECRET_KEYS: ',,' }, 'SECRET_KEYS'],
  ['a key of 31 bytes', { SECRET_KEYS: base64(randomLooking(31)) }, 'SECRET_KEYS'],
  [
    'a short second key',
    { SECRET_KEYS: `${PRODUCTION.SECRET_KEYS},${base64(randomLooking(16))}` },
    'SECRET_KEYS',
  ],
  [
    'a key that is not base64',
    { SECRET_KEYS: `${CANARY}!${base64(randomLooking(32))}` },
    'SECRET_KEYS',
  ],
  ['a key in hexadecimal', { SECRET_KEYS: randomLooking(32).toString('hex') }, 'SECRET_KEYS'],
  ['a placeholder for a key', { SECRET_KEYS: 'changeme'.repeat(8) }, 'SECRET_KEYS'],
  [
    'a placeholder in otherwise random letters',
    { SECRET_KEYS: 'CHANGE-MEq0b2NnK7Q1W8rU5gk0QbHh3m0xJ5l5nXh2v3d9s' },
    'SECRET_KEYS',
  ],
  ['all-zero bytes', { SECRET_KEYS: base64(Buffer.alloc(32)) }, 'SECRET_KEYS'],
  ['one byte repeated', { SECRET_KEYS: base64(Buffer.alloc(32, 0x5a)) }, 'SECRET_KEYS'],
  [
    'bytes that count',
    { SECRET_KEYS: base64(Uint8Array.from({ length: 32 }, (_, i) => i)) },
    'SECRET_KEYS',
  ],
  [
    'half a key, twice',
    { SECRET_KEYS: base64(Buffer.concat([randomLooking(16), randomLooking(16)])) },
    'SECRET_KEYS',
  ],
  [
    'few different bytes',
    { SECRET_KEYS: base64(randomLooking(48).map((byte) => byte & 0x8b)) },
    'SECRET_KEYS',
  ],
  [
    'a sentence as base64',
    { SECRET_KEYS: base64(Buffer.from(`${CANARY} is my own quite secret phrase`)) },
    'SECRET_KEYS',
  ],
  ['no PUBLIC_URL', { PUBLIC_URL: undefined }, 'PUBLIC_URL'],
  ['PUBLIC_URL over http', { PUBLIC_URL: `http://${CANARY}.example.com` }, 'PUBLIC_URL'],
  [
    'PUBLIC_URL that looks like loopback',
    { PUBLIC_URL: 'http://127.0.0.1.example.com' },
    'PUBLIC_URL',
  ],
  ['PUBLIC_URL with a path', { PUBLIC_URL: `https://auth.example.com/${CANARY}` }, 'PUBLIC_URL'],
  ['PUBLIC_URL with a query', { PUBLIC_URL: `https://auth.example.com?${CANARY}` }, 'PUBLIC_URL'],
  ['PUBLIC_URL with an empty fragment', { PUBLIC_URL: 'https://auth.example.com/#' }, 'PUBLIC_URL'],
  [
    'PUBLIC_URL with credentials',
    { PUBLIC_URL: `https://user:${CANARY}@auth.example.com` },
    'PUBLIC_URL',
  ],
  ['PUBLIC_URL without a scheme', { PUBLIC_URL: 'auth.example.com' }, 'PUBLIC_URL'],
  ['APP_URL over http', { APP_URL: `http://${CANARY}.example.com` }, 'APP_URL'],
  ['APP_URL of another kind', { APP_URL: `javascript:${CANARY}` }, 'APP_URL'],
  ['no DATABASE_URL', { DATABASE_URL: undefined }, 'DATABASE_URL'],
  [
    'a password of one letter repeated',
    { DATABASE_URL: 'postgres://latchkey:xxxxxx@db/x' },
    'DATABASE_URL',
  ],
  [
    'DATABASE_URL of another database',
    { DATABASE_URL: `mysql://root:${CANARY}@db/x` },
    'DATABASE_URL',
  ],
  [
    'a placeholder in DATABASE_URL',
    { DATABASE_URL: 'postgres://latchkey:change_me@db/x' },
    'DATABASE_URL',
  ],
  ['no SMTP_URL while verification is required', { SMTP_URL: undefined }, 'SMTP_URL'],
  [
    'no SMTP_URL, because resets go by mail',
    { SMTP_URL: '', EMAIL_VERIFICATION: 'optional' },
    'SMTP_URL',
  ],
  ['SMTP_URL over http', { SMTP_URL: `https://x:${CANARY}@smtp.example.com` }, 'SMTP_URL'],
  [
    'a % in SMTP_URL that escapes nothing',
    { SMTP_URL: `smtp://user:100%p${CANARY}@mail.example:587` },
    'SMTP_URL',
  ],
  [
    'SMTP_URL with a parameter',
    { SMTP_URL: `smtp://u:${CANARY}@mail.example?secure=${CANARY}` },
    'SMTP_URL',
  ],
  ['SMTP_URL without a host', { SMTP_URL: `smtp://u:${CANARY}@` }, 'SMTP_URL'],
  ['SMTP_URL with a port that is none', { SMTP_URL: 'smtp://mail.example:0' }, 'SMTP_URL'],
  [
    'a user of SMTP_URL without a password',
    { SMTP_URL: `smtp://${CANARY}@mail.example` },
    'SMTP_URL',
  ],
  ['a placeholder in SMTP_URL', { SMTP_URL: 'smtp://mailer:change%2Dme@mail.example' }, 'SMTP_URL'],
  ...[
    ['SMTP_OAUTH that is not JSON', `{"clientSecret":"${CANARY}"`],
    ['SMTP_OAUTH that is a list', `["${CANARY}"]`],
    ['SMTP_OAUTH with a member misspelt', smtpOAuth({ client_secret: CANARY })],
    ['SMTP_OAUTH over http', smtpOAuth({ tokenUrl: `http://${CANARY}.example/token` })],
    ['SMTP_OAUTH without a secret', smtpOAuth({ clientSecret: undefined })],
    ['SMTP_OAUTH with a placeholder', smtpOAuth({ clientSecret: 'changeme' })],
    ['SMTP_OAUTH with a placeholder to refresh with', smtpOAuth({ refreshToken: 'changeme' })],
  ].map(
    ([why, SMTP_OAUTH]) =>
      [why ?? '', { SMTP_URL: 'smtp://user@mail.example', SMTP_OAUTH }, 'SMTP_OAUTH'] as const,
  ),
  [
    'SMTP_OAUTH without a user',
    { SMTP_URL: 'smtp://mail.example', SMTP_OAUTH: smtpOAuth({}) },
    'SMTP_OAUTH',
  ],
  [
    'SMTP_OAUTH beside a password',
    { SMTP_URL: `smtp://user:${CANARY}@mail.example`, SMTP_OAUTH: smtpOAuth({}) },
    'SMTP_URL',
  ],
  ['a greeting in two lines', { MAIL_EHLO_NAME: `a\r\n${CANARY}` }, 'MAIL_EHLO_NAME'],
  ['a greeting that is a URL', { MAIL_EHLO_NAME: `https://${CANARY}.example` }, 'MAIL_EHLO_NAME'],
  ['a plain way in other words', { SMTP_ALLOW_PLAIN: 'yes' }, 'SMTP_ALLOW_PLAIN'],
  ['no MAIL_FROM', { MAIL_FROM: undefined }, 'MAIL_FROM'],
  ['MAIL_FROM without an address', { MAIL_FROM: CANARY }, 'MAIL_FROM'],
  [
    'MAIL_FROM with a second header',
    { MAIL_FROM: `a@example.com\nBcc: ${CANARY}@example.com` },
    'MAIL_FROM',
  ],
  [
    '* among the origins',
    { CORS_ORIGINS: `https://${CANARY.toLowerCase()}.example,*` },
    'CORS_ORIGINS',
  ],
  ['a wildcard origin', { CORS_ORIGINS: `https://*.${CANARY}.example` }, 'CORS_ORIGINS'],
  ['the null origin', { CORS_ORIGINS: 'null' }, 'CORS_ORIGINS'],
  ['an RP ID with a scheme', { PASSKEY_RP_ID: `https://${CANARY}.example` }, 'PASSKEY_RP_ID'],
  [
    'an RP ID with a port',
    { PASSKEY_RP_ID: `${CANARY.toLowerCase()}.example:443` },
    'PASSKEY_RP_ID',
  ],
  ['an IP address as the RP ID', { PASSKEY_RP_ID: '192.0.2.1' }, 'PASSKEY_RP_ID'],
  [
    'passkeys without TLS',
    { PASSKEY_ORIGINS: `http://${CANARY.toLowerCase()}.example` },
    'PASSKEY_ORIGINS',
  ],
  [
    'passkeys of another domain alone',
    { PASSKEY_ORIGINS: `https://${CANARY.toLowerCase()}.example` },
    'PASSKEY_ORIGINS',
  ],
  ['no origin for passkeys', { PASSKEY_ORIGINS: ',' }, 'PASSKEY_ORIGINS'],
  ['an unlimited number of passkeys', { PASSKEYS_PER_PERSON: '101' }, 'PASSKEYS_PER_PERSON'],
  [
    'an origin with a slash',
    { CORS_ORIGINS: `https://${CANARY.toLowerCase()}.example/` },
    'CORS_ORIGINS',
  ],
  ['an origin in capitals', { CORS_ORIGINS: `https://${CANARY}.example` }, 'CORS_ORIGINS'],
  [
    'an origin over http',
    { CORS_ORIGINS: `http://${CANARY.toLowerCase()}.example` },
    'CORS_ORIGINS',
  ],
  ['the origin of files', { CORS_ORIGINS: `file://${CANARY}` }, 'CORS_ORIGINS'],
  ['an origin of data', { CORS_ORIGINS: `data:${CANARY}` }, 'CORS_ORIGINS'],
  ["an app's scheme without a host", { CORS_ORIGINS: `${CANARY.toLowerCase()}:` }, 'CORS_ORIGINS'],
  [
    "an app's origin with a path",
    { CORS_ORIGINS: `capacitor://localhost/${CANARY}` },
    'CORS_ORIGINS',
  ],
  [
    "an app's origin with a person",
    { CORS_ORIGINS: `capacitor://${CANARY}@localhost` },
    'CORS_ORIGINS',
  ],
  ['any header', { CORS_HEADERS: `${CANARY},*` }, 'CORS_HEADERS'],
  ['a header in two lines', { CORS_HEADERS: `x-a\r\nx-${CANARY}: 1` }, 'CORS_HEADERS'],
  ['a connection that never idles', { KEEP_ALIVE_TIMEOUT: '0s' }, 'KEEP_ALIVE_TIMEOUT'],
  ['a Google id without its secret', { GOOGLE_CLIENT_ID: CANARY }, 'GOOGLE_CLIENT_SECRET'],
  ['a Google secret without its id', { GOOGLE_CLIENT_SECRET: CANARY }, 'GOOGLE_CLIENT_ID'],
  [
    'a placeholder for the Google secret',
    { GOOGLE_CLIENT_ID: CANARY, GOOGLE_CLIENT_SECRET: 'your-client-secret' },
    'GOOGLE_CLIENT_SECRET',
  ],
  [
    'providers that are not JSON',
    { OIDC_PROVIDERS: `[{"clientSecret":"${CANARY}"` },
    'OIDC_PROVIDERS',
  ],
  [
    'providers that are no list',
    { OIDC_PROVIDERS: JSON.stringify(provider({})) },
    'OIDC_PROVIDERS',
  ],
  ['one provider id twice', providers(provider({}), provider({ name: CANARY })), 'OIDC_PROVIDERS'],
  [
    'an issuer over http',
    providers(provider({ issuer: `http://${CANARY}.example` })),
    'OIDC_PROVIDERS',
  ],
  [
    'an issuer with a query',
    providers(provider({ issuer: `https://a.example?${CANARY}` })),
    'OIDC_PROVIDERS',
  ],
  [
    'a provider without a secret',
    providers(provider({ clientSecret: undefined })),
    'OIDC_PROVIDERS',
  ],
  [
    'a provider with a member misspelt',
    providers(provider({ client_secret: CANARY })),
    'OIDC_PROVIDERS',
  ],
  [
    'a provider that is not asked for openid',
    providers(provider({ scopes: ['email', CANARY] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a placeholder for a provider secret',
    providers(provider({ clientSecret: 'changeme' })),
    'OIDC_PROVIDERS',
  ],
  [
    'a relative redirect URI',
    providers(provider({ redirectUris: [`/oauth/${CANARY}`] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI with a fragment',
    providers(provider({ redirectUris: [`https://app.example/#${CANARY}`] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI with a query',
    providers(provider({ redirectUris: [`https://app.example/cb?x=${CANARY}`] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI that browsers write otherwise',
    providers(provider({ redirectUris: ['https://app.example'] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI over http',
    providers(provider({ redirectUris: [`http://${CANARY}.example/cb`] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI that is a script',
    providers(provider({ redirectUris: [`javascript:${CANARY}`] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a redirect URI with a wildcard',
    providers(provider({ redirectUris: ['https://*.app.example/cb'] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a provider without any redirect URI',
    providers(provider({ redirectUris: [] })),
    'OIDC_PROVIDERS',
  ],
  [
    'a way to send the client secret that there is not',
    providers(provider({ tokenAuth: CANARY })),
    'OIDC_PROVIDERS',
  ],
  [
    'a proof of addresses that there is not',
    providers(provider({ emailVerifiedAs: CANARY })),
    'OIDC_PROVIDERS',
  ],
  ['a flag in words', providers(provider({ allowPrivateAddress: 'true' })), 'OIDC_PROVIDERS'],
  ['an audience that is no text', providers(provider({ trustedAudiences: [7] })), 'OIDC_PROVIDERS'],
  [
    'a tenant issuer without a tenant',
    providers(provider({ tenantIssuer: 'https://id.example/v2.0' })),
    'OIDC_PROVIDERS',
  ],
  [
    'a tenant issuer of another origin',
    providers(provider({ tenantIssuer: `https://${CANARY}.example/{tenantid}/v2.0` })),
    'OIDC_PROVIDERS',
  ],
  [
    'a tenant that is part of a segment',
    providers(
      provider({ issuer: 'https://id.example', tenantIssuer: 'https://id.example/x{tenantid}' }),
    ),
    'OIDC_PROVIDERS',
  ],
  [
    'a tenant issuer whose answers must name it',
    providers(
      provider({
        issuer: 'https://id.example',
        tenantIssuer: 'https://id.example/{tenantid}/v2.0',
        issParameter: true,
      }),
    ),
    'OIDC_PROVIDERS',
  ],
  [
    'two providers on one redirect URI',
    providers(
      provider({ id: 'one', redirectUris: ['https://app.example/cb'] }),
      provider({ id: 'two', redirectUris: ['https://app.example/own', 'https://app.example/cb'] }),
    ),
    'OIDC_PROVIDERS',
  ],
  [
    'two providers on one redirect URI, of which one says whose answer it is',
    providers(
      provider({ id: 'one', redirectUris: ['https://app.example/cb'], issParameter: true }),
      provider({ id: 'two', redirectUris: ['https://app.example/cb'] }),
    ),
    'OIDC_PROVIDERS',
  ],
  [
    'Google on the redirect URI of another provider',
    {
      ...providers(provider({ redirectUris: ['https://auth.example.com/oauth/callback/google'] })),
      GOOGLE_CLIENT_ID: 'id',
      GOOGLE_CLIENT_SECRET: 'secret',
    },
    'OIDC_PROVIDERS',
  ],
  ...badOAuth.map(([why, entry]) => [why, oauth(entry), 'OAUTH_PROVIDERS'] as const),
  [
    'no list of OAuth providers',
    { OAUTH_PROVIDERS: JSON.stringify(github({})) },
    'OAUTH_PROVIDERS',
  ],
  ['OAuth providers that are not JSON', { OAUTH_PROVIDERS: `[{"${CANARY}"` }, 'OAUTH_PROVIDERS'],
  ['one preset twice', oauth(github({}), github({ name: 'Other' })), 'OAUTH_PROVIDERS'],
  [
    'an id of OIDC_PROVIDERS in OAUTH_PROVIDERS',
    { ...providers(provider({ id: 'github' })), ...oauth(github({})) },
    'OAUTH_PROVIDERS',
  ],
  [
    'a custom provider with the issuer of a preset',
    oauth(github({}), custom({ issuer: 'https://github.com/login/oauth' })),
    'OAUTH_PROVIDERS',
  ],
  [
    'a custom provider with the issuer of an OpenID provider',
    { ...providers(provider({})), ...oauth(custom({ id: 'other' })) },
    'OAUTH_PROVIDERS',
  ],
  [
    'the list of redirect URIs that all providers shared',
    { OAUTH_REDIRECT_URIS: 'https://app.example/cb' },
    'OAUTH_REDIRECT_URIS',
  ],
];

const anywhere: readonly (readonly [string, BadBoot['env'], string])[] = [
  ['no database', { DATABASE_URL: undefined }, 'DATABASE_URL'],
  ['a mode nobody knows', { ...PRODUCTION, NODE_ENV: `${CANARY}` }, 'NODE_ENV'],
  ['a public bind outside production', { HOST: '0.0.0.0' }, 'HOST'],
  ['a public IPv6 bind outside production', { HOST: '::', NODE_ENV: 'test' }, 'HOST'],
  ['public administration outside production', { ADMIN_HOST: '::' }, 'ADMIN_HOST'],
  [
    'an administrators’ origin without TLS',
    { ADMIN_ORIGIN: 'http://admin.example' },
    'ADMIN_ORIGIN',
  ],
  ['administration on the public port', { ADMIN_PORT: '4000' }, 'ADMIN_PORT'],
  ['administration on the port of metrics', { METRICS_PORT: '4001' }, 'ADMIN_PORT'],
  ['public metrics outside production', { METRICS_HOST: '::' }, 'METRICS_HOST'],
  ['the same as in a URL', { HOST: '[::]', NODE_ENV: 'test' }, 'HOST'],
  ['a named public bind outside production', { HOST: `${CANARY}.example` }, 'HOST'],
  [
    'a forgotten mode behind a proxy: a public address',
    { PUBLIC_URL: `https://${CANARY}.example.com` },
    'PUBLIC_URL',
  ],
  [
    'a public address in a test run',
    { PUBLIC_URL: 'https://localhost.example.com', NODE_ENV: 'test' },
    'PUBLIC_URL',
  ],
  ['a forgotten mode behind a proxy: its hops', { TRUSTED_PROXY_HOPS: '1' }, 'TRUSTED_PROXY_HOPS'],
  ['a host that is none', { HOST: `http://${CANARY}` }, 'HOST'],
  ['a host in brackets that is no IPv6', { HOST: '[127.0.0.1]' }, 'HOST'],
  ['a port that is none', { PORT: '65536' }, 'PORT'],
  ['argon2 memory below the floor', { ARGON2_MEMORY_KIB: '19455' }, 'ARGON2_MEMORY_KIB'],
  ['argon2 passes below the floor', { ARGON2_ITERATIONS: '1' }, 'ARGON2_ITERATIONS'],
  ['a number with a unit', { ARGON2_MEMORY_KIB: '64MiB' }, 'ARGON2_MEMORY_KIB'],
  ['access tokens that live too long', { ACCESS_TOKEN_TTL: '31m' }, 'ACCESS_TOKEN_TTL'],
  ['access tokens that live too short', { ACCESS_TOKEN_TTL: '59s' }, 'ACCESS_TOKEN_TTL'],
  ['a lifetime without a unit', { ACCESS_TOKEN_TTL: '900' }, 'ACCESS_TOKEN_TTL'],
  ['refresh tokens that live too long', { REFRESH_TOKEN_TTL: '31d' }, 'REFRESH_TOKEN_TTL'],
  [
    'refresh tokens that outlive the session',
    { REFRESH_TOKEN_TTL: '8d', SESSION_MAX_AGE: '7d' },
    'REFRESH_TOKEN_TTL',
  ],
  ['a replay window that is too wide', { REFRESH_REPLAY_WINDOW: '61s' }, 'REFRESH_REPLAY_WINDOW'],
  ['passwords that are too short', { PASSWORD_MIN_LENGTH: '7' }, 'PASSWORD_MIN_LENGTH'],
  ['a truth in another spelling', { REFRESH_COOKIE: 'TRUE' }, 'REFRESH_COOKIE'],
  ['a truth as a number', { INTROSPECTION: '0' }, 'INTROSPECTION'],
  ['a verification nobody knows', { EMAIL_VERIFICATION: CANARY }, 'EMAIL_VERIFICATION'],
  ['a sign-in by mail nobody knows', { EMAIL_SIGN_IN: CANARY }, 'EMAIL_SIGN_IN'],
  ['a sign-in by mail that is only true', { EMAIL_SIGN_IN: 'true' }, 'EMAIL_SIGN_IN'],
  ['a mailed link for two hours', { EMAIL_SIGN_IN_TTL: '2h' }, 'EMAIL_SIGN_IN_TTL'],
  ['a mailed link for seconds', { EMAIL_SIGN_IN_TTL: '30s' }, 'EMAIL_SIGN_IN_TTL'],
  ['a name with a second line', { APP_NAME: `Acme\n${CANARY}` }, 'APP_NAME'],
  ['metrics on the public port', { METRICS_PORT: '4000' }, 'METRICS_PORT'],
  [
    "a worker's metrics on the public port",
    { METRICS_PORT: '3999', LATCHKEY_WORKERS: '2' },
    'METRICS_PORT',
  ],
  [
    "a worker's metrics beyond the last port",
    { METRICS_PORT: '65535', LATCHKEY_WORKERS: '2' },
    'METRICS_PORT',
  ],
  [
    'documents that are not there',
    { TRUSTED_DOCUMENTS: `/nowhere/${CANARY}.json` },
    'TRUSTED_DOCUMENTS',
  ],
  ['a secret file that is not there', { SMTP_URL_FILE: `/nowhere/${CANARY}` }, 'SMTP_URL_FILE'],
  ['a secret file that is a directory', { SECRET_KEYS_FILE: tmpdir() }, 'SECRET_KEYS_FILE'],
  ['a secret set twice', { DATABASE_URL_FILE: `/nowhere/${CANARY}` }, 'DATABASE_URL'],
  [
    'two Googles',
    {
      ...providers(provider({ id: 'google' })),
      GOOGLE_CLIENT_ID: CANARY,
      GOOGLE_CLIENT_SECRET: CANARY,
    },
    'OIDC_PROVIDERS',
  ],
  ['a name with a letter missing', { SECRET_KEY: CANARY }, 'SECRET_KEY'],
  ['a name with our prefix', { ARGON2_MEMORY: CANARY }, 'ARGON2_MEMORY'],
];

/** Every environment that must be refused; each differs from one that starts by its `env`. */
export const BAD_BOOTS: readonly BadBoot[] = [
  ...inProduction.map(([why, env, name]) => ({
    why,
    env: { ...PRODUCTION, ...env },
    refused: [name],
  })),
  ...anywhere.map(([why, env, name]) => ({
    why,
    env: { ...DEVELOPMENT, ...env },
    refused: [name],
  })),
];
