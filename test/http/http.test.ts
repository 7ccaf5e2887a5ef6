import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';

let server: ListeningServer;
beforeAll(async () => {
  server = await startListening({ env: { PUBLIC_URL: 'https://id.localhost' } });
});
afterAll(() => server.close());

const QUERY = JSON.stringify({ query: '{ __typename }' });
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

function post(body: string, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

const REQUIRED = {
  'strict-transport-security': /max-age=\d{8}; includeSubDomains/,
  'x-content-type-options': /^nosniff$/,
  'content-security-policy': /^default-src 'none'; frame-ancestors 'none'$/,
  'referrer-policy': /^no-referrer$/,
  'cache-control': /no-store|public, max-age=300/,
  'x-frame-options': /^DENY$/,
};

describe('HT-4: headers of every response', () => {
  const answers: [string, () => Promise<Response>][] = [
    ['an operation', () => post(QUERY)],
    ['a syntax error', () => post('{"query":"{"}')],
    ['broken JSON', () => post('{')],
    ['another content type', () => post(QUERY, { 'content-type': 'text/plain' })],
    ['a body too large', () => post('x'.repeat(70_000))],
    ['another method', () => fetch(`${server.url}/graphql`, { method: 'PUT' })],
    ['no such path', () => fetch(`${server.url}/nothing`)],
    ['live', () => fetch(`${server.url}/health/live`)],
    ['ready', () => fetch(`${server.url}/health/ready`)],
    ['the keys', () => fetch(`${server.url}/.well-known/jwks.json`)],
    ['discovery', () => fetch(`${server.url}/.well-known/openid-configuration`)],
    [
      'a preflight',
      () =>
        fetch(`${server.url}/graphql`, {
          method: 'OPTIONS',
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
        }),
    ],
    [
      'a POST to a public document',
      () => fetch(`${server.url}/.well-known/jwks.json`, { method: 'POST' }),
    ],
  ];
  test.each(answers)('%s', async (_, ask) => {
    const response = await ask();
    for (const [name, pattern] of Object.entries(REQUIRED)) {
      expect(`${name}: ${response.headers.get(name)}`).toMatch(
        pattern.source.startsWith('^')
          ? new RegExp(`^${name}: ${pattern.source.slice(1)}`)
          : pattern,
      );
    }
    expect(response.headers.get('server')).toBeNull();
    expect(response.headers.get('x-powered-by')).toBeNull();
    const type = response.headers.get('content-type');
    if (type !== null) expect(type).toContain('charset=utf-8');
  });

  test.each([
    ['no method there is', 'BREW /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n', 405],
    ['TRACE', 'TRACE /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n', 405],
    ['PROPFIND', 'PROPFIND /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n', 405],
    ['garbage', '\x00\x01\x02\x03garbage\r\n\r\n', 400],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400],
    [
      'an absolute target',
      'GET http://evil.example/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n',
      400,
    ],
    [
      'headers of 20 kB',
      `GET /health/live HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      'an Authorization header of 100 kB',
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${'y'.repeat(100_000)}\r\n\r\n`,
      431,
    ],
    [
      'an expectation nobody has',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\nexpect: tea\r\ncontent-length: 1\r\n\r\nx',
      417,
    ],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
      400,
    ],
    [
      'a length that is no number',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n',
      400,
    ],
    ['a bare line feed in a header', 'GET /health/live HTTP/1.1\nhost: localhost\nx: y\n\n', 400],
    [
      'chunks of no size',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
  ])('HT-6, straight from the socket: %s', async (_, bytes, status) => {
    const answer = await server.raw(bytes);
    expect(statusOf(answer)).toBe(status);
    for (const name of Object.keys(REQUIRED)) expect(answer.toLowerCase()).toContain(`${name}: `);
  });
});

test('HT-6: the server ignores an upgrade, rejects CONNECT, and stays up', async () => {
  const upgrade = await server.raw(
    'GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n',
    500,
  );
  expect(statusOf(upgrade)).not.toBe(101);
  const tunnel = await server.raw(
    'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example\r\n\r\n',
    500,
  );
  expect(statusOf(tunnel)).not.toBe(200);
  expect((await post(QUERY)).status).toBe(200);
});

test('HT-6: garbage behind a valid request in the same packet ends that connection only', async () => {
  const good = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${QUERY.length}\r\n\r\n${QUERY}`;
  const answer = await server.raw(`${good}${good}\x00\x01 garbage\r\n\r\n`);
  expect(answer.match(/HTTP\/1\.1 /g)?.length).toBeGreaterThanOrEqual(1);
  expect((await post(QUERY)).status).toBe(200);
});

describe('HT-5: bodies', () => {
  test('a body at the limit is read, and one byte beyond it is not', async () => {
    const padded = (size: number) => QUERY.replace('}"', `}${' '.repeat(size - QUERY.length)}"`);
    expect((await post(padded(64 * 1024 + 1))).status).toBe(413);
    expect((await post(padded(64 * 1024))).status).toBe(400); // read, and too long a document
  });

  test('20 MB with a Content-Length, in chunks, or with a false length: 413, and memory does not grow', async () => {
    const before = process.memoryUsage().rss;
    const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    const piece = Buffer.alloc(64 * 1024, 'x');
    const many = (count: number) => Array.from({ length: count }, () => piece);
    const declared = await server.raw([
      Buffer.from(`${head}content-length: ${20 * 2 ** 20}\r\n\r\n`),
      ...many(320),
    ]);
    expect(statusOf(declared)).toBe(413);
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]);
    const chunked = await server.raw([
      Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`),
      ...Array.from({ length: 320 }, () => chunk),
    ]);
    expect(statusOf(chunked)).toBe(413);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    process.stdout.write(
      `HT-5: 2 × 20 MB sent from this very process, RSS +${grown.toFixed(1)} MB\n`,
    );
    expect((await post(QUERY)).status).toBe(200);
  }, 20_000);

  test('a gzip body is rejected before it is decompressed', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(`{"query":"{ __typename }"${' '.repeat(5 * 2 ** 20)}}`),
    });
    expect(response.status).toBe(415);
  });

  test('a body that never ends and a body that ends too soon leave nothing behind', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    const silent = await server.raw(`${head}content-length: 100\r\n\r\n{`, 300);
    expect(silent).toBe('');
    expect((await post(QUERY)).status).toBe(200);
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('GQ-2: only JSON carries an operation', () => {
  const mutation = 'mutation { logout { __typename } }';
  const bodies: [string, string][] = [
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(mutation)}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"${mutation}"}\r\n--x--`,
    ],
    ['application/graphql', mutation],
    ['text/plain', JSON.stringify({ query: mutation })],
    ['application/graphql+json', JSON.stringify({ query: mutation })],
    ['text/plain; application/json', JSON.stringify({ query: mutation })],
    ['application/json; charset=utf-7', JSON.stringify({ query: mutation })],
  ];
  test.each(bodies)('%s: 415', async (type, body) => {
    const response = await post(body, { 'content-type': type });
    expect(response.status).toBe(415);
    const { errors } = await response.json();
    expect(errors[0].extensions.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(errors[0].extensions.requestId).toBe(response.headers.get('x-request-id'));
  });
});

describe('GQ-3: GET', () => {
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`, { headers });

  test('a mutation by GET is rejected', async () => {
    const response = await get('mutation { logout { __typename } }');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test('a query by GET that a page of another origin caused is rejected', async () => {
    expect((await get('{ __typename }')).status).toBe(200);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      expect((await get('{ __typename }', headers)).status).toBe(405);
    }
  });
});

describe('HT-1: CORS', () => {
  let listed: ListeningServer;
  beforeAll(async () => {
    listed = await startListening({
      env: {
        PUBLIC_URL: 'https://id.localhost',
        CORS_ORIGINS: 'https://app.example.com,https://admin.example.com:8443',
        REFRESH_COOKIE: 'true',
      },
    });
  });
  afterAll(() => listed.close());

  const hostile = [
    'null',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://appXexample.com',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://admin.example.com',
    'https://app.example.com/',
    'HTTPS://APP.EXAMPLE.COM',
    'https://sub.app.example.com',
    'https://app.example.com, https://evil.example',
  ];
  test.each(hostile)('a foreign origin may read nothing: %s', async (origin) => {
    for (const method of ['POST', 'OPTIONS']) {
      const response = await fetch(`${listed.url}/graphql`, {
        method,
        headers: {
          origin,
          'content-type': 'application/json',
          ...(method === 'OPTIONS' && { 'access-control-request-method': 'POST' }),
        },
        ...(method === 'POST' && { body: QUERY }),
      });
      const allowed = [...response.headers.keys()].filter((name) =>
        name.startsWith('access-control-allow'),
      );
      expect(allowed).toEqual([]);
      expect(response.headers.get('vary')).toContain('Origin');
    }
  });

  test('a listed origin may read, with its cookie, and may send the headers that it needs', async () => {
    const origin = 'https://app.example.com';
    const response = await fetch(`${listed.url}/graphql`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: QUERY,
    });
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    const asked = await fetch(`${listed.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toContain('x-latchkey-csrf');
  });

  test('by default no origin is listed', async () => {
    const response = await post(QUERY, { origin: 'https://app.example.com' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('vary')).toContain('Origin');
  });
});

test('HT-8: the health routes disclose no version and no host', async () => {
  const live = await (await fetch(`${server.url}/health/live`)).text();
  const ready = await (await fetch(`${server.url}/health/ready`)).text();
  expect([live, ready]).toEqual(['{"status":"live"}', '{"status":"ready"}']);
});
