import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseDatabaseUrl } from '../kernel/database-url.ts';
import { errorCode } from '../kernel/errors.ts';
import { parseSmtpUrl } from '../kernel/smtp-url.ts';
import { haveDifferentIds } from './provider.ts';
import { allProviders, canBeMixedUp, isIssuerOf } from './providers.ts';
import type { Problem } from './sources.ts';
import type { SettingValues } from './table.ts';
import { isLoopback, isOriginBelow } from './urls.ts';

/** The values that could be read. A rule is skipped if a value that it needs is missing. */
type Known = Partial<SettingValues>;

/** The rules that compare several settings, or a setting with the machine. */
export function findConflicts(
  values: Known,
  production: boolean,
  threads: number,
): readonly Problem[] {
  return [
    refuse(
      'HOST',
      isPublicDevelopment(values, production),
      'reaches beyond loopback, which needs NODE_ENV=production',
    ),
    refuse(
      'METRICS_HOST',
      !production && values.METRICS_HOST !== undefined && !isLoopback(values.METRICS_HOST),
      'reaches beyond loopback, which needs NODE_ENV=production',
    ),
    refuse(
      'ADMIN_HOST',
      !production && values.ADMIN_HOST !== undefined && !isLoopback(values.ADMIN_HOST),
      'reaches beyond loopback, which needs NODE_ENV=production',
    ),
    refuse(
      'ADMIN_ORIGIN',
      isOpenDevelopment(values.ADMIN_ORIGIN, production),
      'is not loopback, which needs NODE_ENV=production',
    ),
    refuse('ADMIN_PORT', adminMeetsOthers(values), 'must differ from PORT and METRICS_PORT'),
    refuse(
      'PUBLIC_URL',
      isOpenDevelopment(values.PUBLIC_URL, production),
      'is not loopback, which needs NODE_ENV=production',
    ),
    refuse(
      'TRUSTED_PROXY_HOPS',
      !production && (values.TRUSTED_PROXY_HOPS ?? 0) > 0,
      'is above 0, which needs NODE_ENV=production',
    ),
    refuse('REFRESH_TOKEN_TTL', outlivesSession(values), 'must not be longer than SESSION_MAX_AGE'),
    refuse(
      'GOOGLE_CLIENT_SECRET',
      isAlone(values.GOOGLE_CLIENT_ID, values.GOOGLE_CLIENT_SECRET),
      'must be set together with GOOGLE_CLIENT_ID',
    ),
    refuse(
      'GOOGLE_CLIENT_ID',
      isAlone(values.GOOGLE_CLIENT_SECRET, values.GOOGLE_CLIENT_ID),
      'must be set together with GOOGLE_CLIENT_SECRET',
    ),
    refuse(
      'OIDC_PROVIDERS',
      hasSecondGoogle(values),
      'must have no provider "google" beside GOOGLE_CLIENT_ID',
    ),
    refuse(
      'OAUTH_PROVIDERS',
      !haveDifferentIds(allProviders(values)) && !hasSecondGoogle(values),
      'must have no id that another provider has',
    ),
    refuse(
      'OAUTH_PROVIDERS',
      hasBorrowedIssuer(values),
      'must have no issuer that another provider has: the people of one could sign in as those of the other',
    ),
    refuse(
      'OIDC_PROVIDERS',
      canBeMixedUp(allProviders(values)),
      'has providers that share a redirect URI: each needs redirectUris of its own, or issParameter: true on all that share one',
    ),
    refuse(
      'PASSKEY_ORIGINS',
      hasNoPasskeyOrigin(values),
      'must have an origin whose host is PASSKEY_RP_ID or below it',
    ),
    refuse(
      'METRICS_PORT',
      metricsMeetPort(values),
      'must differ from PORT, for each of LATCHKEY_WORKERS',
    ),
    refuse(
      'METRICS_PORT',
      (values.METRICS_PORT ?? 0) + (values.LATCHKEY_WORKERS ?? 1) > 65_536,
      'leaves no ports for the metrics of all LATCHKEY_WORKERS',
    ),
    refuse(
      'HASH_CONCURRENCY',
      takesEveryThread(values, threads),
      'must be below UV_THREADPOOL_SIZE (4 if it is not set): otherwise hashes occupy every thread, and files and DNS need one as well',
    ),
    ...wrongMailLogIn(values),
    unreadableDocuments(values),
    ...unreadableTlsFiles(values),
  ].filter((problem) => problem !== null);
}

function refuse(setting: string, broken: boolean, rule: string): Problem | null {
  return broken ? { setting, rule } : null;
}

/** Each worker serves its metrics on a port of its own, in a row from METRICS_PORT. */
function metricsMeetPort({ METRICS_PORT, PORT = 0, LATCHKEY_WORKERS = 1 }: Known): boolean {
  if (METRICS_PORT === undefined || METRICS_PORT === null) return false;
  return METRICS_PORT <= PORT && PORT < METRICS_PORT + LATCHKEY_WORKERS;
}

/** All workers serve the administrators' API on one port, as they serve PORT. */
function adminMeetsOthers({ ADMIN_PORT, PORT, METRICS_PORT, ...others }: Known): boolean {
  if (ADMIN_PORT === undefined || ADMIN_PORT === null) return false;
  if (ADMIN_PORT === PORT) return true;
  if (METRICS_PORT === undefined || METRICS_PORT === null) return false;
  return METRICS_PORT <= ADMIN_PORT && ADMIN_PORT < METRICS_PORT + (others.LATCHKEY_WORKERS ?? 1);
}

/** Each worker has its part of the hashes and its own threads. A machine with one processor has no choice. */
function takesEveryThread(values: Known, threads: number): boolean {
  const { HASH_CONCURRENCY = 1, LATCHKEY_WORKERS = 1 } = values;
  const atOnce = Math.ceil(Math.min(HASH_CONCURRENCY, availableParallelism()) / LATCHKEY_WORKERS);
  return atOnce > 1 && atOnce >= threads;
}

/** Development has a public mailbox and open introspection, so it must stay on this machine (CF-1). */
function isPublicDevelopment({ HOST }: Known, production: boolean): boolean {
  return !production && HOST !== undefined && !isLoopback(HOST);
}

/**
 * NODE_ENV was forgotten behind a proxy: HOST is loopback, but the proxy would expose the mailbox to
 * everyone (CF-1). PUBLIC_URL or ADMIN_ORIGIN reveals the mistake.
 */
function isOpenDevelopment(origin: string | undefined, production: boolean): boolean {
  return !production && origin !== undefined && !isLoopback(new URL(origin).hostname);
}

function outlivesSession({ REFRESH_TOKEN_TTL, SESSION_MAX_AGE }: Known): boolean {
  return (REFRESH_TOKEN_TTL ?? 0) > (SESSION_MAX_AGE ?? Number.POSITIVE_INFINITY);
}

/** Browsers find the other origins at the RP ID's own host, so that one must be a page (L3 5.11). */
function hasNoPasskeyOrigin({ PASSKEYS, PASSKEY_RP_ID, PASSKEY_ORIGINS }: Known): boolean {
  if (PASSKEYS !== true || typeof PASSKEY_RP_ID !== 'string' || !PASSKEY_ORIGINS) return false;
  return !PASSKEY_ORIGINS.some((origin) => isOriginBelow(origin, PASSKEY_RP_ID));
}

/** The first is set and the second is not. */
function isAlone(first: string | null | undefined, second: string | null | undefined): boolean {
  return typeof first === 'string' && second === null;
}

/**
 * A linked account is known by its issuer and subject. An OpenID provider proves its issuer. One of OAUTH_PROVIDERS that no
 * preset describes only says it, and must not say that of another provider.
 */
function hasBorrowedIssuer(values: Known): boolean {
  const custom = (values.OAUTH_PROVIDERS ?? []).filter(({ protocol }) => protocol === 'oauth2');
  const all = allProviders(values);
  return custom.some((one) =>
    all.some((other) => other.id !== one.id && isIssuerOf(other, one.issuer)),
  );
}

function hasSecondGoogle({ GOOGLE_CLIENT_ID, OIDC_PROVIDERS }: Known): boolean {
  const isOn = typeof GOOGLE_CLIENT_ID === 'string';
  return isOn && (OIDC_PROVIDERS ?? []).some((provider) => provider.id === 'google');
}

/** A user name that is never used, or a log-in that no server accepts, is known before the first mail. */
function wrongMailLogIn({ SMTP_URL, SMTP_OAUTH }: Known): readonly Problem[] {
  if (SMTP_URL === undefined || SMTP_OAUTH === undefined) return [];
  const { user, password } = SMTP_URL === null ? NOBODY : parseSmtpUrl(SMTP_URL);
  return [
    refuse(
      'SMTP_URL',
      SMTP_OAUTH === null && user !== null && password === null,
      'has a user without a password; a log-in by access token needs SMTP_OAUTH',
    ),
    refuse(
      'SMTP_OAUTH',
      SMTP_OAUTH !== null && user === null,
      'needs a user in SMTP_URL: the mailbox that the access tokens are for',
    ),
    refuse(
      'SMTP_URL',
      SMTP_OAUTH !== null && password !== null,
      'must have no password beside SMTP_OAUTH',
    ),
  ].filter((problem) => problem !== null);
}

const NOBODY = { user: null, password: null };

function unreadableDocuments({ TRUSTED_DOCUMENTS }: Known): Problem | null {
  if (typeof TRUSTED_DOCUMENTS !== 'string') return null;
  try {
    accessSync(TRUSTED_DOCUMENTS, constants.R_OK);
    return null;
  } catch (error) {
    const rule = `names a file that cannot be read (${errorCode(error) ?? 'unknown error'})`;
    return { setting: 'TRUSTED_DOCUMENTS', rule };
  }
}

/** The files of TLS are read for each connection. A missing one is reported at the start. */
function unreadableTlsFiles({ DATABASE_URL }: Known): readonly Problem[] {
  if (typeof DATABASE_URL !== 'string') return [];
  const { tls } = parseDatabaseUrl(DATABASE_URL);
  const files = {
    sslrootcert: tls.rootCertificate,
    sslcert: tls.certificate,
    sslkey: tls.key,
    sslcrl: tls.revocations,
  };
  return Object.entries(files).flatMap(([parameter, path]) => {
    if (path === null || tls.mode === 'disable') return [];
    try {
      accessSync(path, constants.R_OK);
      return [];
    } catch (error) {
      const rule = `names a file as ${parameter} that cannot be read (${errorCode(error) ?? 'unknown error'})`;
      return [{ setting: 'DATABASE_URL', rule }];
    }
  });
}
