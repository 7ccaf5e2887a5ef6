import type { OperationContext } from '../graphql-engine/context.ts';
import type { ClientConnection } from '../graphql-engine/deadline.ts';

/**
 * Reads headers by their lower-case names. Several lines of one name count as one list (RFC 9110
 * 5.3): two tokens in two lines are no token. The platform's `Headers` is one.
 */
export type HeaderReader = Iterable<[string, string]> & {
  get(name: string): string | null;
  has(name: string): boolean;
};

/** A request before its body is read. */
export type RequestHead = Pick<HttpRequest, 'method' | 'target' | 'headers'>;

/** A request as it came over the socket. Nothing is parsed before it is needed. */
export type HttpRequest = {
  readonly method: string;
  /** Path and query as sent. Begins with a slash. */
  readonly target: string;
  readonly headers: HeaderReader;
  /** The whole body, already within its limit (HT-5). Empty if the route takes none (HT-5a). */
  readonly body: Buffer<ArrayBuffer>;
  readonly remoteAddress: string | null;
  readonly connection: ClientConnection;
};

/** A whole response, ready to be written. Names of headers are lower case. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer | null;
};

/** A response in JSON. */
export function json(
  value: unknown,
  { status = 200, headers = {} }: Partial<Pick<HttpResponse, 'status' | 'headers'>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** The whole server as one function of a request. */
export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

/** One step of a request: it answers, or passes the request on with null. */
export type Step = readonly [
  name: string,
  run: (
    request: HttpRequest,
    context: OperationContext,
  ) => HttpResponse | null | Promise<HttpResponse | null>,
];

/** One path: its steps in order. The first that answers ends the request. */
export type Route = {
  readonly steps: readonly Step[];
  /** True if the answer depends on the body. No other body is read (HT-5a). */
  takesBody?(head: RequestHead): boolean;
};

/** Exact paths and their routes. Every other path is not found. */
export type Routes = Readonly<Record<string, Route>>;

/** The path as the URL standard reads it: `/a/../graphql` is `/graphql`. */
export function pathOf(target: string): string {
  return target === '/graphql' ? target : new URL(`http://localhost${target}`).pathname;
}
