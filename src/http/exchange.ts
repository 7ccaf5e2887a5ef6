/**
 * Reads headers by their lower-case names. Several lines of one name count as one list (RFC 9110
 * 5.3): two tokens in two lines are no token. The platform's `Headers` is one.
 */
export type HeaderReader = Iterable<[string, string]> & {
  get(name: string): string | null;
  has(name: string): boolean;
};

/** Whether somebody is still there to be answered. */
export type Hangup = {
  isGone(): boolean;
  onGone(listener: () => void): void;
};

/** A request before its body is read. */
export type RequestHead = Pick<HttpRequest, 'method' | 'target' | 'headers'>;

/** A request as it came over the socket: nothing is made of it before somebody asks. */
export type HttpRequest = {
  readonly method: string;
  /** Path and query as sent. Begins with a slash. */
  readonly target: string;
  readonly headers: HeaderReader;
  /** The whole body, already within its limit (HT-5). Empty where the route takes none (HT-5a). */
  readonly body: Buffer<ArrayBuffer>;
  readonly remoteAddress: string | null;
  readonly hangup: Hangup;
};

/** A whole answer, ready to be written. Names of headers are lower case. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer | null;
};

/** An answer in JSON. */
export function json(
  value: unknown,
  { status = 200, headers = {} }: Partial<Pick<HttpAnswer, 'status' | 'headers'>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}
