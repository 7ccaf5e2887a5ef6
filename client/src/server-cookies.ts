import { keep, type SignedInTokens } from './tokens.ts';

/** `__Host-`: Secure, Path=/ and no Domain, or the browser refuses them (ASVS 3.3.1). */
const NAMES = {
  /** Latchkey's own, passed on as they are: the refresh token, and what tells a known device. */
  refresh: '__Host-latchkey_refresh',
  device: '__Host-latchkey_device',
  /** This handler's, with the access token. */
  access: '__Host-latchkey_access',
} as const;
/**
 * Lax: a signed-in person who follows a link from a mail or another site is signed in on the page it
 * leads to. Browsers send it then for navigation by GET alone; every POST of the handler is refused
 * by its origin as well. Latchkey's own cookies stay Strict: nothing but the handler needs them.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** One of these cookies; null when the request has none. */
export function readCookie(request: Request, which: keyof typeof NAMES): string | null {
  for (const pair of request.headers.get('cookie')?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAMES[which] && value) return value;
  }
  return null;
}

/** The `Cookie` header for Latchkey: nothing else of the frontend's is its business. */
export function cookiesForLatchkey(request: Request): string | null {
  const pairs = (['refresh', 'device'] as const).flatMap((which) => {
    const value = readCookie(request, which);
    return value === null ? [] : [`${NAMES[which]}=${value}`];
  });
  return pairs.length > 0 ? pairs.join('; ') : null;
}

/** The browser drops it before the token is over, which is the sign to refresh. */
export function writeAccessCookie(signedIn: SignedInTokens): string {
  const now = Date.now();
  const maxAge = Math.floor((keep(signedIn, now).dueAt - now) / 1000);
  return `${NAMES.access}=${signedIn.accessToken}; Max-Age=${maxAge}; ${ATTRIBUTES}`;
}

export function clearAccessCookie(): string {
  return `${NAMES.access}=; Max-Age=0; ${ATTRIBUTES}`;
}

/** True for the `Set-Cookie` line with which Latchkey says that a session is over. */
export function clearsRefreshCookie(line: string): boolean {
  return line.startsWith(`${NAMES.refresh}=;`);
}
