import * as z from 'zod';
import { SECOND } from '../kernel/duration.ts';
import { errorCode } from '../kernel/errors.ts';
import type { SmtpOAuth } from '../settings/smtp-oauth.ts';

/** How long before its expiry a token is renewed, so that a new connection has time to log in. */
const MARGIN = 60 * SECOND;

/** The lifetime in seconds if the answer has none (RFC 6749 5.1). Providers use an hour. */
const USUAL_LIFETIME = 3600;

/** RFC 6749 5.1. Only visible ASCII: a control character would end a field of the SASL message. */
const answer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  expires_in: z.coerce.number().int().positive().max(31_536_000).optional().catch(undefined),
  refresh_token: z.string().min(1).max(8192).optional().catch(undefined),
});

/** An access token, and its expiry in milliseconds since 1970. */
export type AccessToken = { readonly token: string; readonly expiresAt: number };

/** No access token could be obtained. The code holds a status or a system's code, never the answer. */
class NoAccessTokenError extends Error {
  override readonly name = 'NoAccessTokenError';
  readonly code: string;

  constructor(reason: string) {
    super('No access token for the mail server could be obtained.');
    this.code = `token ${reason}`;
  }
}

/**
 * Obtains access tokens for a mail server that accepts no passwords (XOAUTH2), with a refresh token
 * (RFC 6749 6) or the client's own credentials (RFC 6749 4.4). All connections share one token, and
 * one request for the next token.
 *
 * @param options.timeout milliseconds for one request
 */
export function createTokenSource(options: {
  readonly oauth: SmtpOAuth;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly timeout: number;
}): (isRefused: boolean) => Promise<AccessToken> {
  const { oauth, now } = options;
  let refreshToken = oauth.refreshToken;
  let current: AccessToken | null = null;
  let request: Promise<AccessToken> | null = null;

  const renew = async (): Promise<AccessToken> => {
    const got = await ask(options, refreshToken);
    // Some servers issue another refresh token each time. This process keeps it in memory.
    refreshToken &&= got.refresh_token ?? refreshToken;
    const lifetime = (got.expires_in ?? USUAL_LIFETIME) * SECOND;
    current = { token: got.access_token, expiresAt: now() + lifetime };
    return current;
  };

  return async (isRefused) => {
    const isGood = current !== null && current.expiresAt - MARGIN > now();
    if (current && isGood && !isRefused) return current;
    request ??= renew().finally(() => {
      request = null;
    });
    return await request;
  };
}

async function ask(
  { oauth, fetch, timeout }: Parameters<typeof createTokenSource>[0],
  refreshToken: string | undefined,
): Promise<z.output<typeof answer>> {
  const form = {
    ...(refreshToken === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: refreshToken }),
    client_id: oauth.clientId,
    ...(oauth.clientSecret === undefined ? {} : { client_secret: oauth.clientSecret }),
    ...(oauth.scope === undefined ? {} : { scope: oauth.scope }),
  };
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(oauth.tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(form),
      // The secrets in the form are meant for this address alone.
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    body = response.ok ? await response.json() : await response.body?.cancel();
  } catch (error) {
    throw new NoAccessTokenError(reasonOf(error));
  }
  if (!response.ok) throw new NoAccessTokenError(String(response.status));
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw new NoAccessTokenError('unreadable');
  return parsed.data;
}

/** The system's code, such as ECONNREFUSED. A message may quote the request or the answer. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return errorCode(error.cause) ?? error.name;
}
