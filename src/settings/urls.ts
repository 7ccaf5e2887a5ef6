import { isIP, isIPv6 } from 'node:net';
import type { z } from 'zod';
import { DatabaseUrlError, parseDatabaseUrl } from '../kernel/database-url.ts';
import { isLoopbackHost } from '../kernel/network.ts';
import { ehloName, parseSmtpUrl, SmtpUrlError } from '../kernel/smtp-url.ts';
import { reading } from './schemas.ts';

const HTTPS = 'must use https (http is for loopback hosts only)';
const PLAIN = 'must be an absolute URL without credentials';

/** True for a host that only this machine can reach. IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return isLoopbackHost(host.toLowerCase().replace(/^\[(.*)\]$/, '$1'));
}

/** The host to listen on: an IP address or a host name. */
export const listenHost: z.ZodType<string> = reading((text, refuse) => {
  // IPv6 addresses are in brackets in URLs: `[::]` is `::`.
  const [, bracketed] = /^\[(.+)\]$/.exec(text) ?? [];
  if (bracketed !== undefined && isIPv6(bracketed)) return bracketed;
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)
    ? text
    : refuse('must be an IP address or a host name');
});

/** This server's public URL: an origin, because the paths below it are fixed (PR-2). */
export const publicOrigin: z.ZodType<string> = reading((text, refuse) => {
  const url = parse(text);
  if (!url || !isWeb(url)) return refuse(PLAIN);
  if (!isSecure(url)) return refuse(HTTPS);
  if (url.pathname !== '/' || /[?#]/.test(text)) {
    return refuse('must be an origin: no path, query or fragment');
  }
  return url.origin;
});

/** The URL that links lead to. It may have a path, without a trailing slash. */
export const baseUrl: z.ZodType<string> = reading((text, refuse) => {
  const url = parse(text);
  if (!url || !isWeb(url)) return refuse(PLAIN);
  if (!isSecure(url)) return refuse(HTTPS);
  if (/[?#]/.test(text)) return refuse('must have no query or fragment');
  return url.origin + url.pathname.replace(/\/+$/, '');
});

/** An OpenID Connect issuer, kept as written: it is compared character by character (OA-12). */
export const issuerUrl: z.ZodType<string> = reading((text, refuse) => {
  const url = parse(text);
  if (!url || !isWeb(url)) return refuse(PLAIN);
  if (!isSecure(url)) return refuse(HTTPS);
  return /[?#]/.test(text) ? refuse('must have no query or fragment') : text;
});

/** An endpoint of a provider, kept as written. It may have a query. */
export const endpointUrl: z.ZodType<string> = reading((text, refuse) => {
  const url = parse(text);
  if (!url || !isWeb(url)) return refuse(PLAIN);
  if (!isSecure(url)) return refuse(HTTPS);
  return text.includes('#') ? refuse('must have no fragment') : text;
});

/**
 * An origin exactly as browsers send it, so that it can be compared as text (HT-1). Apps with a browser
 * of their own have their own scheme: `capacitor://localhost`, `chrome-extension://<id>`.
 */
export const corsOrigin: z.ZodType<string> = reading((text, refuse) => {
  if (text.includes('*')) return refuse('must be an exact origin: * is never allowed');
  const url = parse(text);
  if (url && originOf(url) === text) return text;
  return refuse('must be an exact origin such as https://app.example: no path, no trailing slash');
});

/**
 * The origin of a page at this URL, as browsers serialize it (RFC 6454 6.2). Null if browsers send
 * `null`, which other pages send as well.
 */
function originOf(url: URL): string | null {
  if (isWeb(url)) return url.origin;
  const hasOwnOrigin = url.host !== '' && !ORIGINLESS.has(url.protocol);
  return hasOwnOrigin ? `${url.protocol}//${url.host}` : null;
}

const ORIGINLESS: ReadonlySet<string> = new Set([
  'file:',
  'data:',
  'blob:',
  'javascript:',
  'about:',
]);

/** True for a host name that can be an RP ID. An IP address cannot (L3 5.1.3, "valid domain string"). */
export function isDomainName(host: string): boolean {
  return (
    isIP(host) === 0 &&
    host.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(host)
  );
}

/** A domain as browsers write it: lower case, and punycode for other scripts. */
export const domainName: z.ZodType<string> = reading((text, refuse) =>
  isDomainName(text)
    ? text
    : refuse('must be a host name in lower case: no scheme, no port, no IP address'),
);

/**
 * An origin as it stands in the client data of a passkey. An Android app has the hash of its signing key in
 * place of an origin.
 */
export const passkeyOrigin: z.ZodType<string> = reading((text, refuse) => {
  if (/^android:apk-key-hash:[\w-]{43}$/.test(text)) return text;
  const origin = corsOrigin.safeParse(text);
  if (!origin.success) {
    return refuse(
      'must be an exact origin such as https://app.example: no path, no trailing slash',
    );
  }
  return isSecureOrigin(text) ? text : refuse(HTTPS);
});

/** True for a web origin whose host is a domain or below it. */
export function isOriginBelow(origin: string, domain: string): boolean {
  const url = parse(origin);
  return url !== null && isWeb(url) && `.${url.hostname}`.endsWith(`.${domain}`);
}

/** True for an origin that nobody on the network can impersonate. An app's own scheme is not fetched from the network. */
export function isSecureOrigin(origin: string): boolean {
  const url = parse(origin);
  return url !== null && (!isWeb(url) || isSecure(url));
}

/**
 * A redirect URI, kept as written: the allow-list compares whole strings (OA-7). An app's own
 * scheme is allowed in the reverse-domain form (RFC 8252 7.1), which `javascript:` is not.
 */
export const redirectUri: z.ZodType<string> = reading((text, refuse) => {
  const url = parse(text);
  if (!url) return refuse(PLAIN);
  // Providers append a query. A URI that browsers normalize would never equal the configured one.
  if (/[?#]/.test(text)) return refuse('must have no query or fragment');
  if (url.href !== text) return refuse('must be written as browsers write it, with a path');
  if (text.includes('*')) return refuse('must be an exact URI: * is never allowed');
  if (/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)) return text;
  if (!isWeb(url)) return refuse("must use https, or an app's own scheme such as com.example.app:");
  return isSecure(url) ? text : refuse(HTTPS);
});

/** A Postgres connection URI with libpq's parameters, kept as written. */
export const postgresUrl: z.ZodType<string> = reading((text, refuse) => {
  try {
    parseDatabaseUrl(text);
    return text;
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    return refuse(error.message);
  }
});

/** A mail server, kept as written. */
export const smtpUrl: z.ZodType<string> = reading((text, refuse) => {
  try {
    parseSmtpUrl(text);
    return text;
  } catch (error) {
    if (!(error instanceof SmtpUrlError)) throw error;
    return refuse(error.message);
  }
});

/** The EHLO name for mail servers. */
export const greeting: z.ZodType<string> = reading(
  (text, refuse) =>
    ehloName(text) ?? refuse('must be a host name, or an address in brackets such as [192.0.2.1]'),
);

/** Parses a URL without credentials. White space and backslashes, which URL parsers repair, are refused. */
function parse(text: string): URL | null {
  if (!/^[a-z][a-z0-9+.-]*:[^\s\\\p{C}]+$/iu.test(text)) return null;
  const url = URL.parse(text);
  return url && url.username === '' && url.password === '' ? url : null;
}

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

function isSecure(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname);
}
