import { availableParallelism } from 'node:os';
import { parseEnv } from 'node:util';
import { errorCode } from './kernel/errors.ts';
import type { ClaimTemplates } from './settings/claims.ts';
import { describeSettings, type RunningSetting } from './settings/describe.ts';
import { developmentKeys } from './settings/development-keys.ts';
import type { OAuth2Setting, OpenIdSetting } from './settings/provider.ts';
import { allProviders, type Provider } from './settings/providers.ts';
import type { RateLimits } from './settings/rate-limits.ts';
import { readSettings } from './settings/read.ts';
import { secretKeys } from './settings/secret-keys.ts';
import type { SmtpOAuth } from './settings/smtp-oauth.ts';
import { type Environment, FILE_SUFFIX, type Problem } from './settings/sources.ts';
import { SETTING_NAMES, SETTINGS, type SettingValues } from './settings/table.ts';
import { type TelemetryConfig, telemetryOf } from './settings/telemetry.ts';
import { readTextFile, TextEncodingError } from './settings/text-file.ts';

/**
 * The settings, read once from the environment, as one frozen value. Only this file reads
 * process.env. Durations are in milliseconds.
 */
export type Config = {
  readonly mode: 'development' | 'production';
  readonly host: string;
  readonly port: number;
  /** This server's public origin, and the tokens' issuer. No trailing slash. */
  readonly publicUrl: string;
  /** The frontend that links in mails lead to. No trailing slash. */
  readonly appUrl: string;
  /** The service's name in mails and authenticator apps. */
  readonly appName: string;
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  /** The number of processes that serve. */
  readonly workers: number;
  readonly migrateOnStart: boolean;
  /** Root secrets, newest first. */
  readonly secretKeys: readonly [Buffer, ...Buffer[]];
  readonly accessToken: { readonly lifetime: number; readonly audience: string };
  readonly claims: {
    readonly defaultRoles: readonly string[];
    readonly templates: ClaimTemplates;
    readonly preset: 'hasura' | 'postgrest' | null;
    readonly maxBytes: number;
  };
  readonly session: {
    readonly refreshLifetime: number;
    readonly maxAge: number;
    readonly replayWindow: number;
    readonly refreshCookie: boolean;
  };
  readonly signingKeyLifetime: number;
  readonly emailVerification: 'required' | 'optional';
  /** Sign-in with a mailed code or link; `lifetime` is that of the link. */
  readonly emailSignIn: {
    readonly mode: 'off' | 'existing' | 'register';
    readonly lifetime: number;
  };
  /** Every account must set up a second factor. */
  readonly mfaRequired: boolean;
  readonly password: {
    readonly minLength: number;
    /** If true, new passwords are also looked up at Have I Been Pwned (PW-9). */
    readonly breachCheck: boolean;
    readonly memoryKib: number;
    readonly iterations: number;
    readonly hashConcurrency: number;
    readonly hashQueue: number;
  };
  readonly stepUpMaxAge: number;
  readonly mail: {
    /** Null for the development mailbox. */
    readonly smtpUrl: string | null;
    /** If null, the mailer logs in with the password of `smtpUrl`, if any. */
    readonly smtpOAuth: SmtpOAuth | null;
    /** If true, mails to a server beyond loopback may be sent unencrypted. */
    readonly allowPlain: boolean;
    readonly ehloName: string;
    readonly from: string;
    /** Mails in flight at once, and mails a second, of each process. */
    readonly concurrency: number;
    readonly rate: number;
  };
  readonly oauth: { readonly providers: readonly OAuthProviderConfig[] };
  readonly passkeys: {
    /** False if PASSKEYS is off, or if APP_URL has an IP address for a host. */
    readonly enabled: boolean;
    /** The domain that passkeys belong to; empty if they are not enabled. */
    readonly rpId: string;
    /** The origins that may use them, compared character by character. */
    readonly origins: readonly string[];
    readonly perPerson: number;
  };
  readonly corsOrigins: readonly string[];
  /** Request headers that pages may send, beyond those that every deployment allows. */
  readonly corsHeaders: readonly string[];
  /** How long an idle connection stays open. */
  readonly keepAliveTimeout: number;
  readonly trustedProxyHops: number;
  readonly rateLimits: RateLimits;
  readonly graphiql: boolean;
  /** Path of the persisted documents. If null, any document is executed. */
  readonly trustedDocuments: string | null;
  readonly introspection: boolean;
  /** If null, metrics are not served. */
  readonly metricsPort: number | null;
  readonly metricsHost: string;
  /** The listener of the administrators' API. */
  readonly admin: {
    /** If null, there is no such listener. */
    readonly port: number | null;
    readonly host: string;
    /** As the administrators' browsers see it. No trailing slash. */
    readonly origin: string;
  };
  /** Administrators who act as another person. `maxAge` is the lifetime of such a session. */
  readonly impersonation: { readonly enabled: boolean; readonly maxAge: number };
  /** How long an event of the audit log is kept. */
  readonly auditRetention: number;
  /** The person who runs a command, for the audit log. If null, the system's account is used. */
  readonly operator: string | null;
  /** If null, neither traces nor metrics are exported. */
  readonly telemetry: TelemetryConfig | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Every setting as administrators may see it, without secrets. */
  readonly shown: readonly RunningSetting[];
};

/** A provider that people can sign in with. Google is one of them, with its issuer filled in. */
export type OAuthProviderConfig = Provider;

/** A provider that speaks OpenID Connect. */
export type OpenIdProviderConfig = Provider & OpenIdSetting;

/** A provider that speaks OAuth 2.0 without OpenID Connect. */
export type OAuth2ProviderConfig = Provider & OAuth2Setting;

/** The settings are invalid. The error lists every problem by the setting's name, without its value (CF-1). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ setting, rule }) => `  ${setting} ${rule}`);
    super(`The settings are invalid:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads and validates the settings.
 *
 * @param options.dataDirectory where development keeps the SECRET_KEYS that it generates
 * @throws ConfigError with all problems at once
 */
export function loadConfig(
  env: Environment,
  options: { readonly dataDirectory?: string } = {},
): Config {
  const result = readSettings(env);
  if (!result.ok) throw new ConfigError(result.problems);
  const { values, production } = result;
  const keys = values.SECRET_KEYS ?? ownKeys(options.dataDirectory ?? DATA_DIRECTORY);
  return deepFreeze({ ...toConfig(values, production, keys), shown: describeSettings(env) });
}

/** Warnings about valid settings, for the log: names and rules, without values (CF-13). */
export function warningsOf(env: Environment): readonly Problem[] {
  return readSettings(env).warnings;
}

/**
 * Reads this process's variables, and in development those of `.env`, which never override a variable
 * that is set. A test run ignores `.env`, so that tests are the same on every machine.
 */
export function readEnvironment(path = '.env'): Environment {
  const env: Environment = { ...process.env };
  const { NODE_ENV } = env;
  if (NODE_ENV && NODE_ENV !== 'development') return env;
  try {
    return { ...parseEnv(readTextFile(path)), ...env };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return env;
    const isText = error instanceof TextEncodingError;
    const rule = isText ? error.message : `cannot be read (${errorCode(error) ?? 'unknown error'})`;
    throw new ConfigError([{ setting: path, rule }]);
  }
}

/**
 * Removes the secrets from this process's variables, and all variables from diagnostic reports, after
 * they were read. No dump of the environment shows the secrets, and no child process inherits them
 * (CF-2). /proc still shows the environment of the start; NAME_FILE keeps a secret out of it.
 */
export function scrubEnvironment(): void {
  process.report.excludeEnv = true;
  for (const name of SETTING_NAMES.filter((one) => SETTINGS[one].secret)) {
    delete process.env[name];
    delete process.env[name + FILE_SUFFIX];
  }
  // postgres.js reads this variable of libpq whatever its options are. DATABASE_URL replaces it here.
  delete process.env['PGTARGETSESSIONATTRS'];
}

const DATA_DIRECTORY = '.data';

function ownKeys(directory: string): Config['secretKeys'] {
  const refused = (rule: string) => new ConfigError([{ setting: 'SECRET_KEYS', rule }]);
  let text: string;
  try {
    text = developmentKeys(directory);
  } catch (error) {
    throw refused(
      `could not be kept in the data directory (${errorCode(error) ?? 'unknown error'})`,
    );
  }
  const keys = secretKeys.safeParse(text);
  if (!keys.success)
    throw refused('as kept in the data directory is damaged; restore or delete it');
  return keys.data;
}

function toConfig(
  values: SettingValues,
  production: boolean,
  keys: Config['secretKeys'],
): Omit<Config, 'shown'> {
  return {
    mode: production ? 'production' : 'development',
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    appUrl: values.APP_URL,
    appName: values.APP_NAME,
    databaseUrl: values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    workers: values.LATCHKEY_WORKERS,
    migrateOnStart: values.MIGRATE_ON_START,
    secretKeys: keys,
    accessToken: { lifetime: values.ACCESS_TOKEN_TTL, audience: values.ACCESS_TOKEN_AUDIENCE },
    claims: {
      defaultRoles: values.DEFAULT_ROLES ?? [],
      templates: values.CLAIMS,
      preset: values.CLAIMS_PRESET,
      maxBytes: values.CLAIMS_MAX_BYTES,
    },
    session: {
      refreshLifetime: values.REFRESH_TOKEN_TTL,
      maxAge: values.SESSION_MAX_AGE,
      replayWindow: values.REFRESH_REPLAY_WINDOW,
      refreshCookie: values.REFRESH_COOKIE,
    },
    signingKeyLifetime: values.SIGNING_KEY_LIFETIME,
    emailVerification: values.EMAIL_VERIFICATION,
    emailSignIn: { mode: values.EMAIL_SIGN_IN, lifetime: values.EMAIL_SIGN_IN_TTL },
    mfaRequired: values.MFA_REQUIRED,
    password: {
      minLength: values.PASSWORD_MIN_LENGTH,
      breachCheck: values.PASSWORD_BREACH_CHECK,
      memoryKib: values.ARGON2_MEMORY_KIB,
      iterations: values.ARGON2_ITERATIONS,
      // RL-12: more than cores gains nothing and takes their time from everybody else.
      hashConcurrency: Math.min(values.HASH_CONCURRENCY, availableParallelism()),
      hashQueue: values.HASH_QUEUE,
    },
    stepUpMaxAge: values.STEP_UP_MAX_AGE,
    mail: {
      smtpUrl: values.SMTP_URL,
      smtpOAuth: values.SMTP_OAUTH,
      allowPlain: values.SMTP_ALLOW_PLAIN,
      ehloName: values.MAIL_EHLO_NAME,
      from: values.MAIL_FROM,
      concurrency: values.MAIL_CONCURRENCY,
      rate: values.MAIL_RATE,
    },
    oauth: { providers: allProviders(values) },
    passkeys: {
      enabled: values.PASSKEYS && values.PASSKEY_RP_ID !== null,
      rpId: values.PASSKEY_RP_ID ?? '',
      origins: values.PASSKEY_ORIGINS,
      perPerson: values.PASSKEYS_PER_PERSON,
    },
    corsOrigins: values.CORS_ORIGINS,
    corsHeaders: values.CORS_HEADERS,
    keepAliveTimeout: values.KEEP_ALIVE_TIMEOUT,
    trustedProxyHops: values.TRUSTED_PROXY_HOPS,
    rateLimits: values.RATE_LIMITS,
    graphiql: values.GRAPHIQL,
    introspection: values.INTROSPECTION,
    trustedDocuments: values.TRUSTED_DOCUMENTS,
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    admin: { port: values.ADMIN_PORT, host: values.ADMIN_HOST, origin: values.ADMIN_ORIGIN },
    impersonation: { enabled: values.IMPERSONATION, maxAge: values.IMPERSONATION_MAX_AGE },
    auditRetention: values.AUDIT_RETENTION,
    operator: values.LATCHKEY_ACTOR,
    telemetry: telemetryOf(values),
    logLevel: values.LOG_LEVEL,
  };
}

/** Freezes a value and all of its parts, except for bytes, which JavaScript cannot freeze. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
