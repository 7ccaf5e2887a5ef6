import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../client/src/generated/operations.ts';
import { CSRF_HEADER, createTransport, send, UnreachableError } from '../../client/src/index.ts';
import { createAuthHandler, readSession } from '../../client/src/server.ts';

const PASSWORD = 'correct horse battery staple';
const APP = 'https://app.example.com';

/** The bodies of all requests that reached the other origin. */
const stolen: string[] = [];
let status = 307;
let evil: Server;
let honest: Server;
let endpoint: string;

beforeAll(async () => {
  evil = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    stolen.push(`${request.headers.authorization ?? ''} ${Buffer.concat(chunks).toString()}`);
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"login":{"__typename":"SignedIn"}}}');
  });
  honest = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { location: `${urlOf(evil)}/graphql` }).end();
  });
  for (const server of [evil, honest]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  endpoint = `${urlOf(honest)}/graphql`;
});
afterAll(() => {
  for (const server of [evil, honest]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  stolen.length = 0;
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Fetch = typeof globalThis.fetch;

/** `fetch` as platforms implement it. Each one calls Node's. */
const PLATFORMS: readonly (readonly [string, Fetch])[] = [
  ['Node', fetch],
  [
    'Cloudflare Workers, where redirect: "error" throws',
    async (input, init) => {
      if (init?.redirect === 'error') throw new TypeError('Invalid redirect value.');
      return fetch(input, init);
    },
  ],
  [
    'a browser, which hides the redirect',
    async (input, init) => {
      const response = await fetch(input, init);
      if (init?.redirect !== 'manual' || response.status < 300) return response;
      const hidden = new Response(null);
      Object.defineProperty(hidden, 'type', { value: 'opaqueredirect' });
      return Object.defineProperty(hidden, 'status', { value: 0 });
    },
  ],
];

/** Everything in the client package that sends a password or a token by itself. */
const SENDERS: readonly (readonly [string, (fetch: Fetch) => Promise<unknown>])[] = [
  [
    'createTransport',
    (fetch) =>
      send(
        createTransport({ endpoint, fetch }),
        login,
        { input: { email: 'ada@example.com', password: PASSWORD } },
        'access-token',
      ),
  ],
  [
    'createAuthHandler',
    (fetch) =>
      createAuthHandler({ endpoint, fetch })(
        new Request(`${APP}/api/auth`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'sec-fetch-site': 'same-origin',
            [CSRF_HEADER]: '1',
          },
          body: JSON.stringify({ query: login, variables: { input: { password: PASSWORD } } }),
        }),
      ),
  ],
  [
    'readSession',
    (fetch) =>
      readSession(
        new Request(APP, { headers: { cookie: `__Host-latchkey_refresh=lkr_${'A'.repeat(86)}` } }),
        { endpoint, fetch },
      ),
  ],
];

describe.each(PLATFORMS)('HT-9: on %s', (_platform, platformFetch) => {
  describe.each(SENDERS)('%s', (_sender, sendWith) => {
    test.each([301, 302, 303, 307, 308])(
      'rejects a %i and sends no password to another origin',
      async (answered) => {
        status = answered;
        const failure = await sendWith(platformFetch).then(
          () => null,
          (error: Error) => (error instanceof UnreachableError ? error.cause : error),
        );
        expect(failure).toBeInstanceOf(TypeError);
        expect(String(failure)).toContain('redirect');
        expect(stolen).toEqual([]);
      },
    );
  });
});

test('HT-9: if fetch does not know `redirect`, the response of another address is rejected', async () => {
  status = 307;
  const transport = createTransport({
    endpoint,
    // As in React Native, which follows every redirect.
    fetch: (input, { redirect: _, ...init } = {}) => fetch(input, init),
  });
  const input = { email: 'ada@example.com', password: PASSWORD };
  await expect(send(transport, login, { input })).rejects.toThrow(UnreachableError);
});
