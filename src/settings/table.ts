import { parseDatabaseUrl } from '../kernel/database-url.ts';
import { parseSmtpUrl } from '../kernel/smtp-url.ts';
import { claimsPreset, claimTemplates, MOST_CLAIMS_BYTES, registeredRole } from './claims.ts';
import { oauthProviders } from './oauth-providers.ts';
import { isPlaceholder } from './placeholder.ts';
import { oidcProviders, placeholderSecretRule } from './providers.ts';
import { rateLimits } from './rate-limits.ts';
import {
  anyText,
  displayName,
  duration,
  flag,
  headerName,
  listOf,
  mailSender,
  oneOf,
  operatorName,
  wholeNumber,
} from './schemas.ts';
import { secretKeys, weakKeyRule } from './secret-keys.ts';
import { type Known, type Setting, setting } from './setting.ts';
import { placeholderOAuthRule, smtpOAuth } from './smtp-oauth.ts';
import { TELEMETRY_SETTINGS } from './telemetry.ts';
import * as url from './urls.ts';

const outsideProduction = ({ production }: Known) => String(!production);
const ON_IN_DEVELOPMENT = 'on in development, off in production';

/** IPv6 without its brackets. */
function hostOf(publicUrl: string): string {
  return URL.parse(publicUrl)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? 'localhost';
}

/** The host of the frontend; null for an IP address, which no passkey can belong to. */
function domainOf(appUrl: string): string | null {
  const host = URL.parse(appUrl)?.hostname ?? '';
  return url.isDomainName(host) ? host : null;
}

/** Null for the last port, which has no next one. */
function nextPort({ production, text }: Known): string | null {
  const port = Number(text('PORT'));
  return production || port >= LAST_PORT ? null : String(port + 1);
}

const LAST_PORT = 65_535;

/** Where the server listens by default, also for `latchkey health`, which does not read the settings. */
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = '4000';

/** Every setting there is, in the order of docs/operating/settings.md. */
export const SETTINGS = {
  NODE_ENV: setting({
    fallback: 'development',
    meaning:
      'With `production`, the server does not start with a missing or unsafe setting. `test` equals `development`',
    schema: oneOf('development', 'production', 'test'),
  }),
  HOST: setting({
    fallback: DEFAULT_HOST,
    meaning:
      'The address to listen on; beyond loopback in production only. `::` means every IPv6 and IPv4 address, or every IPv4 address without IPv6. The container uses it',
    schema: url.listenHost,
  }),
  PORT: setting({
    fallback: DEFAULT_PORT,
    meaning: 'The port to listen on',
    schema: wholeNumber(1, 65_535),
  }),
  PUBLIC_URL: setting({
    fallback: (known) => `http://localhost:${known.text('PORT')}`,
    shown: 'http://localhost:PORT',
    needed: { in: 'production', hint: "this server's public address" },
    meaning:
      "This server's public origin, and the tokens' `iss`. https, or http on loopback; beyond loopback in production only. Required in production",
    schema: url.publicOrigin,
  }),
  APP_URL: setting({
    fallback: (known) => known.text('PUBLIC_URL'),
    shown: 'PUBLIC_URL',
    meaning:
      'The frontend to which links in mails lead: APP_URL/verify-email?token=…, /reset-password?token=…, /confirm-email-change?token=…, /undo-email-change?token=…, /undo-security-change?token=…, /email-sign-in?token=…, /accept-invitation?token=…',
    schema: url.baseUrl,
  }),
  APP_NAME: setting({
    fallback: 'Latchkey',
    meaning: "The service's name in mails and authenticator apps",
    schema: displayName,
  }),
  DATABASE_URL: setting({
    fallback: null,
    shown: 'embedded',
    needed: {
      in: 'always',
      hint: '`npm start` brings a database of its own; otherwise point it at Postgres 15 or later',
    },
    secret: 'url',
    meaning: 'Postgres 15 or later, as a libpq URI ([forms and TLS](database-url.md))',
    schema: url.postgresUrl,
    production: (value) =>
      isPlaceholder(parseDatabaseUrl(value).password ?? '')
        ? 'has a placeholder for a password'
        : null,
  }),
  DATABASE_POOL_SIZE: setting({
    fallback: '10',
    meaning: 'Connections of each process, 1 to 1000',
    schema: wholeNumber(1, 1000),
  }),
  LATCHKEY_WORKERS: setting({
    fallback: '1',
    meaning:
      'Processes that serve on PORT, 1 to 64. They share HASH_CONCURRENCY and HASH_QUEUE. Worker n serves its metrics on METRICS_PORT + n - 1',
    schema: wholeNumber(1, 64),
  }),
  MIGRATE_ON_START: setting({
    fallback: outsideProduction,
    shown: 'true in development, false in production',
    meaning:
      '`true`: the server migrates when it starts. `false`: it does not start if migrations are missing',
    schema: flag,
  }),
  SECRET_KEYS: setting({
    fallback: null,
    shown: 'generated into `.data/` in development',
    needed: { in: 'production', hint: 'generate one with: openssl rand -base64 32' },
    secret: 'whole',
    meaning:
      'Root secrets, each the base64 of 32 random bytes or more, newest first, separated by commas. Encryption keys, HMAC keys and the pepper of passwords are derived from them (HKDF, one label for each purpose). Older secrets still open what they sealed. Required in production',
    schema: secretKeys.nullable(),
    production: (value) => weakKeyRule(value ?? []),
  }),
  ACCESS_TOKEN_TTL: setting({
    fallback: '15m',
    meaning: 'Lifetime of an access token, 1m to 30m',
    schema: duration('1m', '30m'),
  }),
  ACCESS_TOKEN_AUDIENCE: setting({
    fallback: (known) => known.text('PUBLIC_URL'),
    shown: 'PUBLIC_URL',
    meaning: "The tokens' `aud`",
    schema: anyText,
  }),
  DEFAULT_ROLES: setting({
    fallback: null,
    meaning:
      'Roles, separated by commas, that everybody who registers is given; made at the start where they are missing ([claims](../claims.md))',
    schema: listOf(registeredRole).nullable(),
  }),
  CLAIMS: setting({
    fallback: '{}',
    shown: 'none',
    meaning:
      'JSON: claim name → template with `$id`, `$email`, `$emailVerified`, `$name`, `$roles`, `$permissions`, `$attributes.x` and `$session.id` ([claims](../claims.md))',
    schema: claimTemplates,
  }),
  CLAIMS_PRESET: setting({
    fallback: 'none',
    meaning: '`hasura` or `postgrest`: the claims that they expect ([claims](../claims.md))',
    schema: claimsPreset,
  }),
  CLAIMS_MAX_BYTES: setting({
    fallback: '1200',
    meaning:
      'The most bytes of JSON that roles and custom claims may take; checked when roles and attributes are written, never at sign-in',
    schema: wholeNumber(64, MOST_CLAIMS_BYTES),
  }),
  REFRESH_TOKEN_TTL: setting({
    fallback: '7d',
    meaning:
      'Lifetime of a refresh token, renewed by each refresh; 1d to 30d, at most SESSION_MAX_AGE',
    schema: duration('1d', '30d'),
  }),
  SESSION_MAX_AGE: setting({
    fallback: '30d',
    meaning: 'Lifetime of a session, whatever its use; 1d to 365d',
    schema: duration('1d', '365d'),
  }),
  REFRESH_REPLAY_WINDOW: setting({
    fallback: '30s',
    meaning: 'How long a client may repeat a refresh whose response was lost, 0s to 60s',
    schema: duration('0s', '60s'),
  }),
  REFRESH_COOKIE: setting({
    fallback: 'false',
    meaning: '`true`: the refresh token is in a `__Host-` HttpOnly cookie and never in a body',
    schema: flag,
  }),
  SIGNING_KEY_LIFETIME: setting({
    fallback: '30d',
    meaning: 'How long a signing key signs before the next one takes over, 1d to 365d',
    schema: duration('1d', '365d'),
  }),
  EMAIL_VERIFICATION: setting({
    fallback: 'required',
    meaning: '`optional`: `register` signs in at once, before the address is verified',
    schema: oneOf('required', 'optional'),
  }),
  EMAIL_SIGN_IN: setting({
    fallback: 'off',
    meaning:
      'Sign-in with a mailed code or link, without a password. `existing`: for people with an account. `register`: an address without an account gets one ([sign-in by mail](../email-sign-in.md))',
    schema: oneOf('off', 'existing', 'register'),
  }),
  EMAIL_SIGN_IN_TTL: setting({
    fallback: '10m',
    meaning:
      'How long the link of such a mail is valid, 1m to 1h. Its code is valid for as long, and at most for ten minutes',
    schema: duration('1m', '1h'),
  }),
  MFA_REQUIRED: setting({
    fallback: 'false',
    meaning: '`true`: every account must set up two-step verification',
    schema: flag,
  }),
  PASSWORD_MIN_LENGTH: setting({
    fallback: '8',
    meaning: 'Shortest accepted password, 8 to 64 characters',
    schema: wholeNumber(8, 64),
  }),
  PASSWORD_BREACH_CHECK: setting({
    fallback: 'false',
    meaning:
      '`true`: new passwords are also looked up at Have I Been Pwned, by the first five characters of their SHA-1',
    schema: flag,
  }),
  ARGON2_MEMORY_KIB: setting({
    fallback: '19456',
    meaning: 'Memory of one password hash; the default is the minimum',
    schema: wholeNumber(19_456, 4_194_304),
  }),
  ARGON2_ITERATIONS: setting({
    fallback: '2',
    meaning: 'Passes of one password hash; the default is the minimum',
    schema: wholeNumber(2, 64),
  }),
  HASH_CONCURRENCY: setting({
    fallback: ({ cores, threads }) => String(Math.max(1, Math.min(cores, threads - 1))),
    shown: 'cores, and below UV_THREADPOOL_SIZE',
    meaning:
      'Password hashes computed at once, never more than cores. They are divided among the workers, at least one for each. In a process there are fewer than UV_THREADPOOL_SIZE (4 by default; the bundle sets it)',
    schema: wholeNumber(1, 1024),
  }),
  HASH_QUEUE: setting({
    fallback: '64',
    meaning:
      'Password hashes that may wait, over all workers, or about five seconds of work if that is less. Beyond that the answer is ServerBusyError',
    schema: wholeNumber(0, 100_000),
  }),
  STEP_UP_MAX_AGE: setting({
    fallback: '10m',
    meaning: 'The greatest age of `authenticatedAt` for sensitive mutations, 1m to 12h',
    schema: duration('1m', '12h'),
  }),
  SMTP_URL: setting({
    fallback: null,
    shown: 'development mailbox',
    needed: { in: 'production', hint: 'verification and password reset need mails' },
    secret: 'url',
    meaning:
      '`smtps://` is TLS from the first byte (port 465), `smtp://` is STARTTLS (port 587). If unset in development, mails are listed at /dev/mailbox and logged as one line. Required in production',
    schema: url.smtpUrl.nullable(),
    production: (value) =>
      value !== null && isPlaceholder(parseSmtpUrl(value).password ?? '')
        ? 'has a placeholder for a password'
        : null,
  }),
  SMTP_OAUTH: setting({
    fallback: null,
    shown: 'off',
    secret: 'whole',
    meaning:
      'JSON: `{"tokenUrl","clientId","clientSecret","refreshToken","scope"}`. The user of SMTP_URL logs in with an access token (XOAUTH2) and no password; without `refreshToken`, by the client credentials grant ([providers](mail.md))',
    schema: smtpOAuth.nullable(),
    production: placeholderOAuthRule,
  }),
  SMTP_ALLOW_PLAIN: setting({
    fallback: 'false',
    meaning:
      '`true`: mails, and the password of SMTP_URL, may cross the network unencrypted, and no certificate is checked. For a relay inside a private network',
    schema: flag,
  }),
  MAIL_EHLO_NAME: setting({
    fallback: (known) => hostOf(known.text('PUBLIC_URL')),
    shown: 'host of PUBLIC_URL',
    meaning: 'The name in the greeting to the mail server: a host name, or an address in brackets',
    schema: url.greeting,
  }),
  MAIL_FROM: setting({
    fallback: (known) => `"${known.text('APP_NAME')}" <no-reply@localhost>`,
    shown: '`APP_NAME <no-reply@localhost>`',
    needed: { in: 'production', hint: 'the sender of mails' },
    meaning: 'The sender: an address, or `Name <address>`. Required in production',
    schema: mailSender,
  }),
  MAIL_CONCURRENCY: setting({
    fallback: '8',
    meaning:
      'Mails that each process delivers at once, 1 to 64, each on an SMTP connection of its own',
    schema: wholeNumber(1, 64),
  }),
  MAIL_RATE: setting({
    fallback: '80',
    meaning:
      'Most mails a second of each process, 1 to 1000. Divide what the mail provider allows by the number of processes',
    schema: wholeNumber(1, 1000),
  }),
  GOOGLE_CLIENT_ID: setting({
    fallback: null,
    shown: 'off',
    meaning: 'Sign-in with Google; requires GOOGLE_CLIENT_SECRET',
    schema: anyText.nullable(),
  }),
  GOOGLE_CLIENT_SECRET: setting({
    fallback: null,
    shown: 'off',
    secret: 'whole',
    meaning: 'Sign-in with Google; requires GOOGLE_CLIENT_ID',
    schema: anyText.nullable(),
    production: (value) => (isPlaceholder(value ?? '') ? 'is a placeholder' : null),
  }),
  OIDC_PROVIDERS: setting({
    fallback: '[]',
    secret: 'whole',
    meaning:
      'JSON: `[{"id","name","issuer","clientId","clientSecret"}]`, for any OpenID Connect provider; more members are [documented](../providers.md#another-openid-connect-provider). http issuers on loopback only',
    schema: oidcProviders,
    production: placeholderSecretRule,
  }),
  OAUTH_PROVIDERS: setting({
    fallback: '[]',
    secret: 'whole',
    meaning:
      'JSON: `[{"preset":"github","clientId","clientSecret"}]`; presets `github`, `apple`, `microsoft`, `gitlab`, `discord`, `facebook`, `linkedin`, `slack`, `twitch` and `x`; any other OAuth 2.0 provider [by its endpoints](../providers.md#an-oauth-20-provider-without-a-preset)',
    schema: oauthProviders,
    production: placeholderSecretRule,
  }),
  PASSKEYS: setting({
    fallback: 'true',
    meaning:
      '`true`: people can add passkeys and sign in with them. They need a host name in APP_URL: with an IP address they are off ([passkeys](../passkeys.md))',
    schema: flag,
  }),
  PASSKEY_RP_ID: setting({
    fallback: (known) => domainOf(known.text('APP_URL')),
    shown: 'host of APP_URL',
    meaning:
      'The domain that passkeys belong to: the host of APP_URL or a parent domain of it. After a change, no earlier passkey works',
    schema: url.domainName.nullable(),
  }),
  PASSKEY_ORIGINS: setting({
    fallback: (known) => URL.parse(known.text('APP_URL'))?.origin ?? '',
    shown: 'origin of APP_URL',
    meaning:
      'Exact origins of the pages and apps that may use passkeys, separated by commas; for an Android app `android:apk-key-hash:…`. Published at `/.well-known/webauthn`',
    schema: listOf(url.passkeyOrigin),
  }),
  PASSKEYS_PER_PERSON: setting({
    fallback: '20',
    meaning: 'How many passkeys a person may have, 1 to 100',
    schema: wholeNumber(1, 100),
  }),
  CORS_ORIGINS: setting({
    fallback: '',
    shown: 'none',
    meaning:
      "Exact origins, separated by commas, including an app's own such as `capacitor://localhost` or `chrome-extension://<id>`. In development, pages of `localhost`, `127.0.0.1` and `[::1]` need no entry, except in cookie mode",
    schema: listOf(url.corsOrigin),
    production: (origins) =>
      origins.every(url.isSecureOrigin) ? null : 'must use https (http is for loopback hosts only)',
  }),
  CORS_HEADERS: setting({
    fallback: '',
    shown: 'the usual tracing and client-name headers',
    meaning: 'Further request headers that preflights allow, separated by commas',
    schema: listOf(headerName),
  }),
  KEEP_ALIVE_TIMEOUT: setting({
    fallback: '75s',
    meaning:
      'How long an idle connection stays open, 1s to 1h. Set it longer than the load balancer keeps its connections',
    schema: duration('1s', '1h'),
  }),
  TRUSTED_PROXY_HOPS: setting({
    fallback: '0',
    meaning:
      'The number of proxies in front, counted from the right of X-Forwarded-For; 0 to 16, above 0 in production only',
    schema: wholeNumber(0, 16),
  }),
  RATE_LIMITS: setting({
    fallback: '{}',
    shown: 'built-in',
    meaning:
      'JSON: `{"registration":{"allowance":50,"period":"1h"},"exemptSources":["203.0.113.0/24"]}`. Changes limits within their ranges, and names networks that are not counted as one source ([rate limits](../rate-limits.md))',
    schema: rateLimits,
  }),
  TRUSTED_DOCUMENTS: setting({
    fallback: null,
    shown: 'off',
    meaning:
      'Path of a JSON file of persisted documents; the server then executes only these. @latchkey/client contains its own as operations.json',
    schema: anyText.nullable(),
  }),
  GRAPHIQL: setting({
    fallback: outsideProduction,
    shown: ON_IN_DEVELOPMENT,
    meaning: '`true`: serves GraphiQL at /graphql',
    schema: flag,
  }),
  INTROSPECTION: setting({
    fallback: outsideProduction,
    shown: ON_IN_DEVELOPMENT,
    meaning: '`true`: answers introspection queries',
    schema: flag,
  }),
  METRICS_PORT: setting({
    fallback: null,
    shown: 'off',
    meaning: 'A port for metrics alone',
    schema: wholeNumber(1, 65_535).nullable(),
  }),
  METRICS_HOST: setting({
    fallback: '127.0.0.1',
    meaning:
      'The address on which METRICS_PORT listens; beyond loopback in production only. Let only your monitoring reach it: /metrics has no password',
    schema: url.listenHost,
  }),
  ADMIN_PORT: setting({
    fallback: nextPort,
    shown: 'PORT + 1 in development, off in production',
    meaning:
      "A port for the administrators' API, /admin/graphql, and for signing in to it ([administration](../administration.md))",
    schema: wholeNumber(1, LAST_PORT).nullable(),
  }),
  ADMIN_HOST: setting({
    fallback: DEFAULT_HOST,
    meaning: 'The address on which ADMIN_PORT listens; beyond loopback in production only',
    schema: url.listenHost,
  }),
  ADMIN_ORIGIN: setting({
    fallback: (known) => `http://localhost:${known.text('ADMIN_PORT') || known.text('PORT')}`,
    shown: 'http://localhost:ADMIN_PORT',
    meaning:
      "The administrators' origin, as their browsers see it. https, or http on loopback; beyond loopback in production only",
    schema: url.publicOrigin,
  }),
  IMPERSONATION: setting({
    fallback: 'false',
    meaning:
      '`true`: administrators with USERS_IMPERSONATE can act as another person. `false` also ends what is under way ([impersonation](../impersonation.md))',
    schema: flag,
  }),
  IMPERSONATION_MAX_AGE: setting({
    fallback: '1h',
    meaning: 'Lifetime of a session in which an administrator acts as a person, 1m to 1h',
    schema: duration('1m', '1h'),
  }),
  AUDIT_RETENTION: setting({
    fallback: '365d',
    meaning:
      'How long events stay in the audit log, 30d to 3650d, and then until the end of the month. Only the owner of the table removes them',
    schema: duration('30d', '3650d'),
  }),
  LATCHKEY_ACTOR: setting({
    fallback: null,
    shown: 'SUDO_USER, USER or the account',
    meaning:
      'The name of the operator in the audit log, 1 to 64 characters; used by commands alone',
    schema: operatorName.nullable(),
  }),
  LOG_LEVEL: setting({
    fallback: 'info',
    meaning:
      '`debug`, `info`, `warn`, `error` or `silent`. JSON lines in production, readable text in development',
    schema: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  }),
  ...TELEMETRY_SETTINGS,
} satisfies Record<string, Setting<unknown>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The value of every setting. */
export type SettingValues = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
};

/** The names, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName);

/** True for the name of a setting; exact, as names of variables are. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
