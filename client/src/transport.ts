import { corsHint } from './cors-hint.ts';
import { documentParams } from './operation.ts';
import { fetchWithoutRedirect } from './refuse-redirect.ts';

/**
 * The header a form or an image of another site cannot send: cookie mode demands it beside
 * `SameSite` (ASVS 3.5.2).
 */
export const CSRF_HEADER = 'X-Latchkey-CSRF';

/** One GraphQL request. */
export type TransportRequest = {
  readonly query: string;
  readonly variables?: object | undefined;
  readonly accessToken?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A top-level error of an answer. */
export type TransportError = {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
};

/** One GraphQL answer. */
export type TransportAnswer = {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly TransportError[] | undefined;
};

/** Carries requests to the server; throws when there was no answer. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** No answer came, or none that can be read. Says nothing about the session. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(options?: ErrorOptions) {
    super('The server could not be reached.', options);
  }
}

/**
 * Requests by `fetch`; throws what `fetch` throws, and TypeError for a redirect or an answer that is
 * not GraphQL.
 */
export function createTransport(options: {
  readonly endpoint: string | URL;
  /** True when the server keeps the refresh token in a cookie. */
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
      // `same-origin` is what fetch does anyway, and Workers throw at any other word.
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

/** Whatever a transport throws means one thing: no answer. */
export function unreachableWhenItThrows(transport: Transport): Transport {
  return async (request) => {
    try {
      return await transport(request);
    } catch (cause) {
      throw cause instanceof UnreachableError ? cause : new UnreachableError({ cause });
    }
  };
}

/** A gateway's page, a captive portal's or an empty body is no answer of the server. */
function readAnswer(body: unknown): TransportAnswer {
  if (typeof body === 'object' && body !== null && ('data' in body || 'errors' in body)) {
    return body as TransportAnswer;
  }
  throw new TypeError('The body is not a GraphQL answer.');
}
