import { REFRESH_BY_COOKIE } from './generated/session-documents.ts';
import { saysNotAuthenticated } from './not-authenticated.ts';
import { documentParams } from './operation.ts';
import { fetchWithoutRedirect } from './refuse-redirect.ts';
import {
  clearAccessCookie,
  clearsRefreshCookie,
  cookiesForLatchkey,
  readCookie,
  writeAccessCookie,
} from './server-cookies.ts';
import { refuseForeign } from './server-origin.ts';
import type { SignedInTokens } from './tokens.ts';
import { CSRF_HEADER } from './transport.ts';

/** Large enough for any operation of the API. Latchkey accepts no larger body either. */
const MAX_BODY = 64 * 1024;

/** How the frontend's server reaches Latchkey. Latchkey must run with REFRESH_COOKIE. */
export type ServerOptions = {
  /** The URL of Latchkey's /graphql, as this server reaches it. */
  readonly endpoint: string | URL;
  /** The origins of the frontend. By default, the origin of the request. */
  readonly origins?: readonly string[];
  /**
   * Returns the caller's IP address, for Latchkey's X-Forwarded-For. Only return an address that your platform
   * guarantees.
   */
  readonly addressOf?: (request: Request) => string | null;
  readonly fetch?: typeof globalThis.fetch;
};

/**
 * Creates a route handler: `const handle = createAuthHandler({ endpoint }); export { handle as POST };`
 * Browsers send the handler what they would send Latchkey, so that Latchkey's cookies become first-party
 * cookies of the frontend. The handler also stores the access token in a cookie of its own, for `readSession`.
 */
export function createAuthHandler(options: ServerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const refusal = refuseForeign(request, options.origins);
    if (refusal) return refusal;
    const body = await readText(request);
    if (body === null) return new Response(null, { status: 413 });
    const access = readCookie(request, 'access');
    const token = request.headers.get('authorization') ?? bearer(access);
    const answer = await forward(options, request, body, token);
    const text = await answer.text();
    const headers = new Headers({
      'content-type': answer.headers.get('content-type') ?? 'application/json',
      'cache-control': 'no-store',
    });
    const lines = answer.headers.getSetCookie();
    for (const line of [...lines, ...accessCookies(text, lines, access)]) {
      headers.append('set-cookie', line);
    }
    return new Response(text, { status: answer.status, headers });
  };
}

/** The session of a request for a page that the server renders. */
export type ServerSession = {
  /**
   * The access token for requests on behalf of the person. Verify it with `@latchkey/verify`. Null if nobody is
   * signed in.
   */
  readonly accessToken: string | null;
  /** `Set-Cookie` lines that the response must contain. Without them, the next refresh signs the person out. */
  readonly setCookie: readonly string[];
};

/**
 * Finds the access token of a page request and refreshes it if it has expired. Call it from middleware, which
 * can set cookies. Parallel requests with the same cookie get the same successor.
 *
 * @throws TypeError if Latchkey could not be reached, which does not mean that the session has ended
 */
export async function readSession(
  request: Request,
  options: ServerOptions,
): Promise<ServerSession> {
  const current = readCookie(request, 'access');
  if (current !== null) return { accessToken: current, setCookie: [] };
  if (readCookie(request, 'refresh') === null) return { accessToken: null, setCookie: [] };
  const body = JSON.stringify(documentParams(REFRESH_BY_COOKIE));
  const answer = await forward(options, request, body, null);
  const text = await answer.text();
  const result = rootValues(text)[0];
  if (result === undefined) throw new TypeError(`Latchkey answered with ${answer.status}.`);
  // If the session has ended, these lines remove the cookies, so that later page requests do not ask again.
  const lines = answer.headers.getSetCookie();
  const setCookie = [...lines, ...accessCookies(text, lines, current)];
  return { accessToken: isSignedIn(result) ? result.accessToken : null, setCookie };
}

/**
 * Reads the text of a body and stops at the limit. A stranger can send any Content-Length, and the body must
 * not fill this server's memory (HT-5).
 *
 * @returns null if the body is too large
 */
async function readText(request: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  const reader = request.body?.getReader();
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    bytes += piece.value.length;
    if (bytes > MAX_BODY) {
      // A failure to cancel the stream does not matter.
      reader?.cancel().catch(() => undefined);
      return null;
    }
    text += decoder.decode(piece.value, { stream: true });
  }
  return text + decoder.decode();
}

async function forward(
  options: ServerOptions,
  request: Request,
  body: string,
  authorization: string | null,
): Promise<Response> {
  const send = options.fetch ?? globalThis.fetch;
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    // This server has already checked the origin of the request.
    [CSRF_HEADER]: '1',
    'sec-fetch-site': 'same-origin',
  });
  const cookie = cookiesForLatchkey(request);
  if (cookie !== null) headers.set('cookie', cookie);
  if (authorization !== null) headers.set('authorization', authorization);
  const userAgent = request.headers.get('user-agent');
  if (userAgent !== null) headers.set('user-agent', userAgent);
  const address = options.addressOf?.(request) ?? null;
  if (address !== null) headers.set('x-forwarded-for', address);
  return fetchWithoutRedirect(send, options.endpoint, { method: 'POST', headers, body });
}

type RootValue = { readonly __typename?: unknown };

function rootValues(text: string): readonly RootValue[] {
  const { data } = parse(text);
  return Object.values(data ?? {}).filter(
    (value): value is RootValue => typeof value === 'object' && value !== null,
  );
}

/**
 * A gateway's error page is not a response of Latchkey. It is passed to the browser unchanged and sets no
 * cookie.
 */
function parse(text: string): { readonly data?: object | null; readonly errors?: [] } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/**
 * The `Set-Cookie` lines for the access cookie. A new token replaces it. It is removed when Latchkey removes
 * the refresh cookie, as Latchkey does whenever a session ends, and when Latchkey rejected the token in it.
 *
 * @param lines Latchkey's own `Set-Cookie` lines
 * @param current the access cookie of the request
 */
function accessCookies(
  text: string,
  lines: readonly string[],
  current: string | null,
): readonly string[] {
  const signedIn = rootValues(text).filter(isSignedIn);
  if (signedIn.length > 0) return signedIn.map(writeAccessCookie);
  const hasEnded =
    lines.some(clearsRefreshCookie) || (current !== null && saysNotAuthenticated(parse(text)));
  return hasEnded ? [clearAccessCookie()] : [];
}

function isSignedIn(value: RootValue): value is RootValue & SignedInTokens {
  return 'accessToken' in value && 'accessTokenExpiresAt' in value;
}

function bearer(token: string | null): string | null {
  return token === null ? null : `Bearer ${token}`;
}
