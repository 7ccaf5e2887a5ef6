import { Agent, type IncomingMessage, request } from 'node:http';

/** What came of one request: an answer, or the failure of its connection. */
export type Exchange = {
  /** Null when no answer came. */
  readonly status: number | null;
  /** Why none came: ECONNREFUSED, ECONNRESET, TIMEOUT; null when one did. */
  readonly failure: string | null;
  readonly text: string;
  readonly milliseconds: number;
};

/** Keep-alive connections to one server, as a load balancer holds them. */
export type Upstream = {
  readonly url: string;
  send(
    path: string,
    options?: {
      readonly json?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly timeout?: number;
    },
  ): Promise<Exchange>;
  close(): void;
};

/** Longer than any answer may take, so that a slow one is measured and not cut off. */
const PATIENCE = 15_000;

/** Opens connections to a server as they are needed. A failure is an outcome here, never thrown. */
export function openUpstream(url: string): Upstream {
  const agent = new Agent({ keepAlive: true });
  return {
    url,
    send: (path, { json, headers, timeout = PATIENCE } = {}) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        const settle = (status: number | null, failure: string | null, text: string) =>
          resolve({ status, failure, text, milliseconds: performance.now() - startedAt });
        const body = json === undefined ? null : JSON.stringify(json);
        const sent = request(new URL(path, url), {
          agent,
          method: body === null ? 'GET' : 'POST',
          headers: {
            ...(body !== null && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...headers,
          },
          timeout,
        });
        sent.once('timeout', () => sent.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
        sent.once('error', (error: NodeJS.ErrnoException) =>
          settle(null, error.code ?? error.message, ''),
        );
        sent.once('response', (answer: IncomingMessage) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          answer.once('end', () => settle(answer.statusCode ?? 0, null, text));
          answer.once('error', (error: NodeJS.ErrnoException) =>
            settle(null, error.code ?? error.message, ''),
          );
        });
        sent.end(body ?? undefined);
      }),
    close: () => agent.destroy(),
  };
}
