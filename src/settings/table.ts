import { parseDatabaseUrl } from '../kernel/database-url.ts';
import { parseSmtpUrl } from '../kernel/smtp-url.ts';
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

/** Where the server listens, unless it is told: also for who looks for it without reading the settings. */
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = '4000';

/** Every setting there is, in the order of docs/operating/settings.md. */
export const SETTINGS = {
  NODE_ENV: setting({
    fallback: 'development',
    meaning:
      '`production` refuses to start with a missing or unsafe setting; `test` is `development`',
    schema: oneOf('development', 'production', 'test'),
  }),
  HOST: setting({
    fallback: DEFAULT_HOST,
    meaning:
      'where to listen; beyond loopback in production only. `::` is every address of IPv6 and IPv4, and of IPv4 alone where there is no IPv6: the container listens there',
    schema: url.listenHost,
  }),
  PORT: setting({
    fallback: DEFAULT_PORT,
    meaning: 'the port to listen on',
    schema: wholeNumber(1, 65_535),
  }),
  PUBLIC_URL: setting({
    fallback: (known) => `http://localhost:${known.text('PORT')}`,
    shown: 'http://localhost:PORT',
    needed: { in: 'production', hint: "this server's address as others see it" },
    meaning:
      "this server as others see it: an origin; the tokens' `iss`. https, or http on loopback; beyond loopback in production only. Needed in production",
    schema: url.publicOrigin,
  }),
  APP_URL: setting({
    fallback: (known) => known.text('PUBLIC_URL'),
    shown: 'PUBLIC_URL',
    meaning:
      'the frontend that links in mails lead to: APP_URL/verify-email?token=…, /reset-password?token=…, /confirm-email-change?token=…, /undo-email-change?token=…, /undo-security-change?token=…',
    schema: url.baseUrl,
  }),
  APP_NAME: setting({
    fallback: 'Latchkey',
    meaning: "the service's name in mails and authenticator apps",
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
    meaning: 'connections of each process, 1 to 1000',
    schema: wholeNumber(1, 1000),
  }),
  LATCHKEY_WORKERS: setting({
    fallback: '1',
    meaning:
      'processes that serve on PORT, 1 to 64; they share HASH_CONCURRENCY and HASH_QUEUE, and worker n has its metrics on METRICS_PORT + n - 1',
    schema: wholeNumber(1, 64),
  }),
  MIGRATE_ON_START: setting({
    fallback: outsideProduction,
    shown: 'true in development, false in production',
    meaning: 'otherwise the server refuses to start on a database that is behind',
    schema: flag,
  }),
  SECRET_KEYS: setting({
    fallback: null,
    shown: 'generated into `.data/` in development',
    needed: { in: 'production', hint: 'make one with: openssl rand -base64 32' },
    secret: 'whole',
    meaning:
      'root secrets, base64 of 32 random bytes or more, newest first, separated by commas; encryption and HMAC keys and the pepper of passwords are derived from them (HKDF, one label a purpose); the others still open what they made. Needed in production',
    schema: secretKeys.nullable(),
    production: (value) => weakKeyRule(value ?? []),
  }),
  ACCESS_TOKEN_TTL: setting({
    fallback: '15m',
    meaning: 'lifetime of an access token, 1m to 30m',
    schema: duration('1m', '30m'),
  }),
  ACCESS_TOKEN_AUDIENCE: setting({
    fallback: (known) => known.text('PUBLIC_URL'),
    shown: 'PUBLIC_URL',
    meaning: "the tokens' `aud`",
    schema: anyText,
  }),
  REFRESH_TOKEN_TTL: setting({
    fallback: '7d',
    meaning: 'sliding, 1d to 30d, at most SESSION_MAX_AGE',
    schema: duration('1d', '30d'),
  }),
  SESSION_MAX_AGE: setting({
    fallback: '30d',
    meaning: 'absolute, 1d to 365d',
    schema: duration('1d', '365d'),
  }),
  REFRESH_REPLAY_WINDOW: setting({
    fallback: '30s',
    meaning: 'how long a lost answer to a refresh may be asked for again, 0s to 60s',
    schema: duration('0s', '60s'),
  }),
  REFRESH_COOKIE: setting({
    fallback: 'false',
    meaning: 'true: the refresh token travels in a `__Host-` HttpOnly cookie and never in a body',
    schema: flag,
  }),
  SIGNING_KEY_LIFETIME: setting({
    fallback: '30d',
    meaning: 'automatic rotation: published before use, kept after; 1d to 365d',
    schema: duration('1d', '365d'),
  }),
  EMAIL_VERIFICATION: setting({
    fallback: 'required',
    meaning: '`optional`: register signs in at once',
    schema: oneOf('required', 'optional'),
  }),
  MFA_REQUIRED: setting({
    fallback: 'false',
    meaning: 'true: every account must set up a second factor',
    schema: flag,
  }),
  PASSWORD_MIN_LENGTH: setting({
    fallback: '8',
    meaning: '8 to 64 characters',
    schema: wholeNumber(8, 64),
  }),
  PASSWORD_BREACH_CHECK: setting({
    fallback: 'false',
    meaning:
      'true: new passwords are also looked up at Have I Been Pwned, by the first five characters of their SHA-1',
    schema: flag,
  }),
  ARGON2_MEMORY_KIB: setting({
    fallback: '19456',
    meaning: 'memory of one password hash; not below',
    schema: wholeNumber(19_456, 4_194_304),
  }),
  ARGON2_ITERATIONS: setting({
    fallback: '2',
    meaning: 'passes of one password hash; not below',
    schema: wholeNumber(2, 64),
  }),
  HASH_CONCURRENCY: setting({
    fallback: ({ cores, threads }) => String(Math.max(1, Math.min(cores, threads - 1))),
    shown: 'cores, and below UV_THREADPOOL_SIZE',
    meaning:
      'password hashes computed at once; never more than cores, divided among the workers, each of which has one at least, and in a process fewer than UV_THREADPOOL_SIZE (4 unless set; the bundle sets it)',
    schema: wholeNumber(1, 1024),
  }),
  HASH_QUEUE: setting({
    fallback: '64',
    meaning:
      'password hashes waiting, over all workers, and about five seconds of work; beyond that ServerBusyError',
    schema: wholeNumber(0, 100_000),
  }),
  STEP_UP_MAX_AGE: setting({
    fallback: '10m',
    meaning: 'how fresh authenticatedAt must be for sensitive mutations, 1m to 12h',
    schema: duration('1m', '12h'),
  }),
  SMTP_URL: setting({
    fallback: null,
    shown: 'development mailbox',
    needed: { in: 'production', hint: 'verifications and password resets go by mail' },
    secret: 'url',
    meaning:
      'smtps:// is TLS from the first byte (465), smtp:// is STARTTLS (587); unset in development: mails are listed at /dev/mailbox and logged as one line. Needed in production',
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
      'JSON: `{"tokenUrl","clientId","clientSecret","refreshToken","scope"}`: the user of SMTP_URL logs in with an access token (XOAUTH2) instead of a password; without refreshToken by the client credentials grant ([providers](mail.md))',
    schema: smtpOAuth.nullable(),
    production: placeholderOAuthRule,
  }),
  SMTP_ALLOW_PLAIN: setting({
    fallback: 'false',
    meaning:
      'true: mails, and the password of SMTP_URL, may cross the network in the clear, and a certificate is not checked; for a relay inside a private network',
    schema: flag,
  }),
  MAIL_EHLO_NAME: setting({
    fallback: (known) => hostOf(known.text('PUBLIC_URL')),
    shown: 'host of PUBLIC_URL',
    meaning: 'what the mail server is greeted with: a host name, or an address in brackets',
    schema: url.greeting,
  }),
  MAIL_FROM: setting({
    fallback: (known) => `"${known.text('APP_NAME')}" <no-reply@localhost>`,
    shown: '`APP_NAME <no-reply@localhost>`',
    needed: { in: 'production', hint: 'the address that mails come from' },
    meaning: 'an address, or `Name <address>`. Needed in production',
    schema: mailSender,
  }),
  MAIL_CONCURRENCY: setting({
    fallback: '8',
    meaning:
      'mails that each process hands over at once, 1 to 64, each on an SMTP connection of its own',
    schema: wholeNumber(1, 64),
  }),
  MAIL_RATE: setting({
    fallback: '80',
    meaning:
      'mails a second of each process at most, 1 to 1000; what the mail provider allows, divided by the processes',
    schema: wholeNumber(1, 1000),
  }),
  GOOGLE_CLIENT_ID: setting({
    fallback: null,
    shown: 'off',
    meaning: 'Google sign-in; together with GOOGLE_CLIENT_SECRET',
    schema: anyText.nullable(),
  }),
  GOOGLE_CLIENT_SECRET: setting({
    fallback: null,
    shown: 'off',
    secret: 'whole',
    meaning: 'Google sign-in; together with GOOGLE_CLIENT_ID',
    schema: anyText.nullable(),
    production: (value) => (isPlaceholder(value ?? '') ? 'is a placeholder' : null),
  }),
  OIDC_PROVIDERS: setting({
    fallback: '[]',
    secret: 'whole',
    meaning:
      'JSON: `[{"id","name","issuer","clientId","clientSecret"}]`: any OpenID Connect provider, with more members ([providers](../google.md)); http issuers on loopback only',
    schema: oidcProviders,
    production: placeholderSecretRule,
  }),
  CORS_ORIGINS: setting({
    fallback: '',
    shown: 'none',
    meaning:
      "exact origins, separated by commas; an app's own such as `capacitor://localhost` or `chrome-extension://<id>` can be among them. In development, pages of `localhost`, `127.0.0.1` and `[::1]` need no entry, except in cookie mode",
    schema: listOf(url.corsOrigin),
    production: (origins) =>
      origins.every(url.isSecureOrigin) ? null : 'must use https (http is for loopback hosts only)',
  }),
  CORS_HEADERS: setting({
    fallback: '',
    shown: 'the usual tracing and client-name headers',
    meaning: 'more request headers that preflights allow, separated by commas',
    schema: listOf(headerName),
  }),
  KEEP_ALIVE_TIMEOUT: setting({
    fallback: '75s',
    meaning:
      'how long an idle connection stays open, 1s to 1h; longer than a load balancer keeps its own',
    schema: duration('1s', '1h'),
  }),
  TRUSTED_PROXY_HOPS: setting({
    fallback: '0',
    meaning:
      'how many proxies stand in front, counted from the right of X-Forwarded-For; 0 to 16, above 0 in production only',
    schema: wholeNumber(0, 16),
  }),
  RATE_LIMITS: setting({
    fallback: '{}',
    shown: 'built-in',
    meaning:
      'JSON: `{"registration":{"allowance":50,"period":"1h"},"exemptSources":["203.0.113.0/24"]}`: limits other than the built-in ones, within the range of each, and networks whose people are not counted together ([rate limits](../rate-limits.md))',
    schema: rateLimits,
  }),
  TRUSTED_DOCUMENTS: setting({
    fallback: null,
    shown: 'off',
    meaning:
      'path of a JSON file of persisted documents; only those are then executed. @latchkey/client brings its own ones as operations.json',
    schema: anyText.nullable(),
  }),
  GRAPHIQL: setting({
    fallback: outsideProduction,
    shown: ON_IN_DEVELOPMENT,
    meaning: 'true: the GraphiQL page at /graphql',
    schema: flag,
  }),
  INTROSPECTION: setting({
    fallback: outsideProduction,
    shown: ON_IN_DEVELOPMENT,
    meaning: 'true: the schema can be asked for',
    schema: flag,
  }),
  METRICS_PORT: setting({
    fallback: null,
    shown: 'off',
    meaning: 'a port of its own for metrics',
    schema: wholeNumber(1, 65_535).nullable(),
  }),
  METRICS_HOST: setting({
    fallback: '127.0.0.1',
    meaning:
      'where METRICS_PORT listens; beyond loopback in production only, and for nobody but your monitoring: /metrics asks for no password',
    schema: url.listenHost,
  }),
  AUDIT_RETENTION: setting({
    fallback: '365d',
    meaning:
      'how long the audit log is kept, 30d to 3650d, and then until the end of the month; removed by the owner of its table alone',
    schema: duration('30d', '3650d'),
  }),
  LATCHKEY_ACTOR: setting({
    fallback: null,
    shown: 'SUDO_USER, USER or the account',
    meaning:
      'who runs a command, for the audit log: a name of 1 to 64 characters; read by the commands alone',
    schema: operatorName.nullable(),
  }),
  LOG_LEVEL: setting({
    fallback: 'info',
    meaning:
      '`debug`, `info`, `warn`, `error` or `silent`; JSON lines in production, readable in development',
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
