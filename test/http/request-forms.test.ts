import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { type Doors, expectAlike, type Odd, responseOf, startDoors, VIEWER } from './doors.ts';

/** The requests that proxies, old clients and monitors send. Each goes through both doors. */
let doors: Doors;
beforeAll(async () => {
  doors = await startDoors({
    CORS_ORIGINS: 'capacitor://localhost,tauri://localhost,chrome-extension://abcdefghijklmnop',
    CORS_HEADERS: 'X-Tenant',
  });
});
afterAll(() => doors.close());

async function expectAnswer(odd: Odd, status: number) {
  await expectAlike(odd, doors);
  const answer = await responseOf(doors.direct, odd);
  expect(answer.status).toContain(` ${status} `);
  return answer;
}

const type = (value: string): Odd => ({ headers: { 'content-type': value } });

describe('GQ-2: JSON by whatever name it has', () => {
  test.each([
    'application/json; charset=utf8',
    'application/json;charset="UTF8"',
    'application/json; charset=unicode-1-1-utf-8',
    'Application/JSON',
    'APPLICATION/JSON; Charset=UTF-8',
    'application/json ; charset=utf-8; a=b',
  ])('%s is read (RFC 8259 11, RFC 9110 8.3.1)', async (value) => {
    const { body } = await expectAnswer(type(value), 200);
    expect(body).toBe('{"data":{"viewer":null}}');
  });

  test.each([
    'application/json; charset=utf-7',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; charset=',
    'application/json; charset=nonsense',
    'Application/JSON, text/plain',
    'TEXT/PLAIN',
  ])('%s is refused, and the refusal says why', async (value) => {
    const { body } = await expectAnswer(type(value), 415);
    expect(JSON.parse(body).errors[0].extensions.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('HT-6: the head of a request', () => {
  const host = (value: string): Odd => ({ headers: { host: value } });

  test.each([
    'http://auth.localhost/graphql',
    'HTTP://auth.localhost/graphql',
    'https://auth.localhost/graphql',
    'http://AUTH.localhost/graphql',
  ])('an absolute target with the same host is served: %s (RFC 9112 3.2.2)', async (target) => {
    await expectAnswer({ ...host('auth.localhost'), target }, 200);
  });

  test.each([
    'http://other.localhost/graphql',
    'http://auth.localhost:81/graphql',
    'http://a@auth.localhost/graphql',
    'http:///graphql',
    'ftp://auth.localhost/graphql',
    'auth.localhost/graphql',
    '*',
    'http://auth.localhost/graphql#x',
  ])('a target that says something else is refused: %s', async (target) => {
    await expectAnswer({ ...host('auth.localhost'), target }, 400);
  });

  test.each([
    ['two lines', { lines: ['host: localhost'] }],
    ['two lines, one of them empty', { lines: ['host: '] }],
    ['a list', host('localhost, localhost')],
    ['white space', host('local host')],
    ['a path', host('localhost/graphql')],
    ['a person', host('a@localhost')],
  ])('a Host that is none is 400: %s (RFC 9112 3.2)', async (_, odd) => {
    await expectAnswer(odd, 400);
  });

  test.each([
    ['gzip, chunked', 501],
    ['identity', 501],
    ['gzip', 501],
    ['xchunked', 501],
    ['chunked, chunked', 400],
    ['chunked, gzip', 400],
  ])('Transfer-Encoding: %s is %i (RFC 9112 6.1)', async (coding, status) => {
    const headers = { 'transfer-encoding': coding, 'content-length': '' };
    await expectAnswer({ headers, body: '0\r\n\r\n' }, status);
  });

  test('Transfer-Encoding in HTTP/1.0 is 400 (RFC 9112 6.1)', async () => {
    const bytes =
      'POST /graphql HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    for (const server of [doors.direct, doors.yoga])
      expect(await server.raw(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('GQ-13: a hash without a document', () => {
  const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };

  test.each([
    { extensions: { persistedQuery } },
    { extensions: { persistedQuery }, operationName: 'Viewer', variables: {} },
    { extensions: { persistedQuery }, query: '' },
  ])('%j is PERSISTED_QUERY_NOT_FOUND, so that the client sends the document', async (body) => {
    const answer = await expectAnswer({ body: JSON.stringify(body) }, 400);
    const [error] = JSON.parse(answer.body).errors;
    expect(error.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(error.message).toBe('PersistedQueryNotFound');
  });

  test('a document with its hash is executed', async () => {
    const body = JSON.stringify({ ...JSON.parse(VIEWER), extensions: { persistedQuery } });
    const answer = await expectAnswer({ body }, 200);
    expect(answer.body).toBe('{"data":{"viewer":null}}');
  });
});

describe('HT-1: CORS for unusual origins', () => {
  test.each(['capacitor://localhost', 'tauri://localhost', 'chrome-extension://abcdefghijklmnop'])(
    'an app with its own scheme may read responses: %s (RFC 6454 4)',
    async (origin) => {
      const { headers } = await expectAnswer({ headers: { origin } }, 200);
      expect(headers).toContain(`access-control-allow-origin: ${origin}`);
    },
  );

  test.each([
    'capacitor://localhost.evil',
    'ionic://localhost',
    'CAPACITOR://localhost',
    'capacitor:',
  ])('one that is not listed does not: %s', async (origin) => {
    const { headers } = await expectAnswer({ headers: { origin } }, 200);
    expect(headers.join('\n')).not.toContain('access-control-allow-origin');
  });

  test('a preflight allows the headers that tracing and GraphQL clients add, and those in CORS_HEADERS', async () => {
    const { headers } = await expectAnswer(
      {
        method: 'OPTIONS',
        headers: {
          origin: 'capacitor://localhost',
          'access-control-request-method': 'POST',
          'content-type': '',
          'content-length': '',
        },
        body: '',
      },
      204,
    );
    const line = headers.find((one) => one.startsWith('access-control-allow-headers: ')) ?? '';
    const allowed = line.replace(/^[^:]*: /, '').split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining([
        ...['authorization', 'content-type', 'x-latchkey-csrf', 'x-request-id', 'x-tenant'],
        ...['baggage', 'sentry-trace', 'traceparent', 'tracestate'],
        ...['apollographql-client-name', 'x-apollo-operation-name'],
      ]),
    );
    expect(allowed).not.toContain('*');
  });
});

describe('HT-10: a development server', () => {
  const paths = ['/graphql', '/dev/mailbox.json', '/health/live', '/nothing'];
  const get = (server: ListeningServer, path: string, host: string) =>
    server.raw(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);

  test.each([
    'rebind.example:4000',
    'rebind.example',
    'localhost.rebind.example',
    '127.0.0.1.rebind.example',
    'evil-localhost',
    '10.0.0.1',
    '[2001:db8::1]:4000',
    '',
  ])('serves no other name, whatever the path: Host "%s" is 421', async (name) => {
    for (const path of paths)
      expect(await get(doors.direct, path, name)).toMatch(/^HTTP\/1\.1 421 /);
  });

  test.each([
    'localhost:4000',
    'LOCALHOST',
    '127.0.0.1:4000',
    '127.9.9.9',
    '[::1]:4000',
    'auth.localhost',
  ])('serves this very machine: Host "%s"', async (name) => {
    expect(await get(doors.direct, '/health/live', name)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('an absolute target cannot replace the Host header', async () => {
    const bytes =
      'GET http://localhost/dev/mailbox.json HTTP/1.1\r\nhost: rebind.example\r\nconnection: close\r\n\r\n';
    expect(await doors.direct.raw(bytes)).toMatch(/^HTTP\/1\.1 (400|421) /);
  });
});

test('an idle connection stays open for KEEP_ALIVE_TIMEOUT', async () => {
  const server = await startListening({ env: { KEEP_ALIVE_TIMEOUT: '620s' } });
  const answer = await server.raw('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n', 300);
  expect(answer.toLowerCase()).toContain('keep-alive: timeout=620');
  await server.close();
});
