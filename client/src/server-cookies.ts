import { keep, type SignedInTokens } from './tokens.ts';

/** With the prefix `__Host-`, browsers require Secure, Path=/ and no Domain (ASVS 3.3.1). */
const NAMES = {
  /**
   * Latchkey's own cookies, passed on unchanged: the refresh token, and the token that identifies a known
   * device.
   */
  refresh: '__Host-latchkey_refresh',
  device: '__Host-latchkey_device',
  /** The cookie of this handler, with the access token. */
  access: '__Host-latchkey_access',
} as const;
/**
 * Lax, so that a signed-in person who follows a link from a mail or another site is signed in on the linked
 * page. Browsers then send the cookie only with GET navigations, and the handler also rejects every POST of a
 * foreign origin. Latchkey's own cookies stay Strict, because only the handler needs them.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** The value of one of these cookies; null if the request does not have it. */
export function readCookie(request: Request, which: keyof typeof NAMES): string | null {
  for (const pair of request.headers.get('cookie')?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAMES[which] && value) return value;
  }
  return null;
}

/** The `Cookie` header for Latchkey. It contains no other cookies of the frontend. */
export function cookiesForLatchkey(request: Request): string | null {
  const pairs = (['refresh', 'device'] as const).flatMap((which) => {
    const value = readCookie(request, which);
    return value === null ? [] : [`${NAMES[which]}=${value}`];
  });
  return pairs.length > 0 ? pairs.join('; ') : null;
}

/** The cookie expires in the browser before its token does. Its absence is the signal to refresh. */
export function writeAccessCookie(signedIn: SignedInTokens): string {
  const now = Date.now();
  const maxAge = Math.floor((keep(signedIn, now).dueAt - now) / 1000);
  return `${NAMES.access}=${signedIn.accessToken}; Max-Age=${maxAge}; ${ATTRIBUTES}`;
}

export function clearAccessCookie(): string {
  return `${NAMES.access}=; Max-Age=0; ${ATTRIBUTES}`;
}

/** True for a `Set-Cookie` line with which Latchkey reports that the session has ended. */
export function clearsRefreshCookie(line: string): boolean {
  return line.startsWith(`${NAMES.refresh}=;`);
}
