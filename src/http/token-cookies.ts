import type { Config } from '../config.ts';
import type { TokenCookie } from '../graphql/context.ts';
import type { HeaderReader } from './exchange.ts';
import { isFromOwnPages } from './origins.ts';

/** The `__Host-` prefix makes the browser insist on Secure, Path=/ and no Domain (HT-3). */
const REFRESH = '__Host-latchkey_refresh';
const DEVICE = '__Host-latchkey_device';

/**
 * Lax would send the cookies when a link from elsewhere is followed; nothing here needs that. Strict alone is
 * not enough: to a browser every port and sub-domain of a site is the same site, and receives the cookies.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/**
 * A header that no form and no simple cross-origin request can carry: sending it takes a preflight,
 * which only CORS_ORIGINS pass (HT-2).
 */
const CSRF_HEADER = 'x-latchkey-csrf';

/** The cookies of one request, and the Set-Cookie lines that its operation wrote. */
export type TokenCookies = {
  readonly refresh: TokenCookie;
  readonly device: TokenCookie;
  written(): readonly string[];
};

/**
 * The token cookies of a request. They are read only if a page of ours sent the request (HT-2, HT-3).
 * Outside of cookie mode they are neither read nor written.
 */
export function createTokenCookies(config: Config, headers: HeaderReader): TokenCookies {
  if (!config.session.refreshCookie) return NO_COOKIES;
  const lines = new Map<string, string>();
  const cookie = (name: string): TokenCookie => ({
    enabled: true,
    read: () => (isOwnRequest(config, headers) ? readCookie(headers, name) : null),
    write: (token, expiresAt) => {
      lines.set(name, `${name}=${token}; Expires=${expiresAt.toUTCString()}; ${ATTRIBUTES}`);
    },
    clear: () => {
      lines.set(name, `${name}=; Max-Age=0; ${ATTRIBUTES}`);
    },
  });
  return {
    refresh: cookie(REFRESH),
    device: cookie(DEVICE),
    written: () => [...lines.values()],
  };
}

const NO_COOKIE: TokenCookie = Object.freeze({
  enabled: false,
  read: () => null,
  write: () => undefined,
  clear: () => undefined,
});

/** The same for every request outside of cookie mode. */
const NO_COOKIES: TokenCookies = Object.freeze({
  refresh: NO_COOKIE,
  device: NO_COOKIE,
  written: () => [],
});

/**
 * Browsers send cookies with requests of any site. The cookies count only if one of our pages caused the
 * request.
 */
function isOwnRequest(config: Config, headers: HeaderReader): boolean {
  return headers.has(CSRF_HEADER) && isFromOwnPages(config, headers);
}

/** Two cookies of one name mean that somebody planted one: neither counts (HT-3). */
function readCookie(headers: HeaderReader, wanted: string): string | null {
  const found = (headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim().split('=', 2))
    .filter(([name]) => name === wanted);
  const [only, ...others] = found;
  return others.length === 0 ? only?.[1] || null : null;
}
