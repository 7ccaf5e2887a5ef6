import { corsHint } from './cors-hint.ts';
import { documentParams } from './operation.ts';
import { fetchWithoutRedirect } from './refuse-redirect.ts';

/**
 * A header that forms and images of other sites cannot send. In cookie mode, the server requires it in
 * addition to `SameSite` (ASVS 3.5.2).
 */
export const CSRF_HEADER = 'X-Latchkey-CSRF';

/** One GraphQL request. */
export type TransportRequest = {
  readonly query: string;
  readonly variables?: object | undefined;
  readonly accessToken?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A top-level error of a response. */
export type TransportError = {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
};

/** One GraphQL response. */
export type TransportAnswer = {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly TransportError[] | undefined;
};

/** Sends requests to the server. Throws if no response arrived. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** No readable response arrived. The session may still be valid. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(options?: ErrorOptions) {
    super('The server could not be reached.', options);
  }
}

/**
 * Creates a transport that uses `fetch`.
 *
 * @throws TypeError, when called, for a redirect or a response that is not GraphQL; otherwise the error of
 *   `fetch`
 */
export function createTransport(options: {
  readonly endpoint: string | URL;
  /** True if the server keeps the refresh token in a cookie. */
  readonly cookie?: boolean;
  readonly fetch?: typeof globalThis.fetch;
}): Transport {
  const { endpoint, cookie = false } = options;
  let hasHinted = false;
  return async ({ query, variables, accessToken, signal }) => {
    const send = options.fetch ?? globalThis.fetch;
    const headers = new Headers({
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
    });
    if (cookie) headers.set(CSRF_HEADER, '1');
    if (accessToken) headers.set('authorization', `Bearer ${accessToken}`);
    const response = await fetchWithoutRedirect(send, endpoint, {
      method: 'POST',
      headers,
      // Set only in cookie mode: `same-origin` is the default of fetch, and Workers throw for any other
      // value.
      ...(cookie && { credentials: 'include' as const }),
      body: JSON.stringify({ ...documentParams(query), variables }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      const hint = hasHinted || signal?.aborted ? null : corsHint(endpoint);
      hasHinted ||= hint !== null;
      // biome-ignore lint/suspicious/noConsole: a developer looks nowhere else at that moment
      if (hint) console.warn(hint);
      throw error;
    });
    return readAnswer(await response.json());
  };
}

/** Wraps a transport so that it throws UnreachableError for every error. */
export function withUnreachableError(transport: Transport): Transport {
  return async (request) => {
    try {
      return await transport(request);
    } catch (cause) {
      throw cause instanceof UnreachableError ? cause : new UnreachableError({ cause });
    }
  };
}

/**
 * Accepts only a GraphQL response. The page of a gateway or a captive portal, or an empty body, does not come
 * from the server.
 */
function readAnswer(body: unknown): TransportAnswer {
  if (typeof body === 'object' && body !== null && ('data' in body || 'errors' in body)) {
    return body as TransportAnswer;
  }
  throw new TypeError('The body is not a GraphQL answer.');
}
