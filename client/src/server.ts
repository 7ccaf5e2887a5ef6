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

/** Room for any operation of the API; the server itself takes no more. */
const MAX_BODY = 64 * 1024;

/** How a frontend's server reaches Latchkey, whose REFRESH_COOKIE is on. */
export type ServerOptions = {
  /** Latchkey's /graphql, as this server reaches it. */
  readonly endpoint: string | URL;
  /** The frontend's own origins; the request's own unless given. */
  readonly origins?: readonly string[];
  /** The caller's address, for Latchkey's X-Forwarded-For; only what your platform vouches for. */
  readonly addressOf?: (request: Request) => string | null;
  readonly fetch?: typeof globalThis.fetch;
};

/**
 * A route handler: `const handle = createAuthHandler({ endpoint }); export { handle as POST };`
 * Browsers send it what they would send Latchkey, so that its cookies become first-party cookies
 * of the frontend. The access token is kept in a cookie beside, for `readSession`.
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

/** What a page that is rendered on the server knows of its caller. */
export type ServerSession = {
  /** For requests in the person's name; check it with `@latchkey/verify`. Null: nobody. */
  readonly accessToken: string | null;
  /** `Set-Cookie` lines the response must carry, or the person is signed out by the next refresh. */
  readonly setCookie: readonly string[];
};

/**
 * Finds the access token of a page request, refreshing it where it is over. For middleware, which
 * can set cookies; parallel requests with one cookie get the same successor.
 *
 * @throws TypeError when Latchkey could not be reached: that says nothing about the session
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
  // Where the session is over, these lines remove the cookies, so that no later page asks again.
  const lines = answer.headers.getSetCookie();
  const setCookie = [...lines, ...accessCookies(text, lines, current)];
  return { accessToken: isSignedIn(result) ? result.accessToken : null, setCookie };
}

/**
 * The text of a body. Stops reading at the limit: what the headers say can be said by any program, and a
 * stranger's body must not fill this server's memory (HT-5).
 *
 * @returns null for one that is too large
 */
async function readText(request: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  const reader = request.body?.getReader();
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    bytes += piece.value.length;
    if (bytes > MAX_BODY) {
      // Whether its sender hears of it changes nothing.
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
    // This server has judged where the request comes from, and vouches for it.
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

/** A gateway's page is no answer: it goes to the browser as it is, and leaves no cookie. */
function parse(text: string): { readonly data?: object | null; readonly errors?: [] } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/**
 * The access cookie follows the answer: a new token replaces it. It is removed when Latchkey removes
 * the refresh cookie, as it does whenever a session ends, and when the token in it was not taken.
 *
 * @param lines Latchkey's own `Set-Cookie` lines
 * @param current the cookie of the request
 */
function accessCookies(
  text: string,
  lines: readonly string[],
  current: string | null,
): readonly string[] {
  const signedIn = rootValues(text).filter(isSignedIn);
  if (signedIn.length > 0) return signedIn.map(writeAccessCookie);
  const isOver =
    lines.some(clearsRefreshCookie) || (current !== null && saysNotAuthenticated(parse(text)));
  return isOver ? [clearAccessCookie()] : [];
}

function isSignedIn(value: RootValue): value is RootValue & SignedInTokens {
  return 'accessToken' in value && 'accessTokenExpiresAt' in value;
}

function bearer(token: string | null): string | null {
  return token === null ? null : `Bearer ${token}`;
}
