import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createBreachCheck } from '../../../src/proofs/password/breach-check.ts';

const PASSWORD = 'gravel tundra quill';
const SHA1 = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase();
const [PREFIX, SUFFIX] = [SHA1.slice(0, 5), SHA1.slice(5)];

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function setUp(listener: RequestListener) {
  server = createServer(listener);
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const warn = vi.fn();
  const log = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
  const endpoint = `http://127.0.0.1:${port}/range/`;
  return { warn, isBreached: createBreachCheck({ fetch, log, endpoint }) };
}

test.each([
  ['listed', `00000000000000000000000000000000000:3\r\n${SUFFIX}:42\r\n`, true],
  ['not listed', '00000000000000000000000000000000000:3\r\n', false],
  ['padding only', `${SUFFIX}:0\r\n`, false],
  ['nothing', '', false],
  ['not the format', '<html>', false],
])('PW-9 reads the range: %s', async (_, body, expected) => {
  const { isBreached, warn } = await setUp((_request, response) => response.end(body));
  expect(await isBreached(PASSWORD)).toBe(expected);
  expect(warn).not.toHaveBeenCalled();
});

test('PW-9 sends five characters of the hash, asks for padding, and nothing else', async () => {
  const seen: unknown[] = [];
  const { isBreached } = await setUp((request, response) => {
    seen.push(request.url, request.headers['add-padding'], request.method);
    response.end();
  });
  await isBreached(PASSWORD);
  expect(seen).toEqual([`/range/${PREFIX}`, 'true', 'GET']);
});

test('hashes what is stored: the normalized form', async () => {
  const body = `${createHash('sha1').update('caf\u00e9 noir').digest('hex').toUpperCase().slice(5)}:1`;
  const { isBreached } = await setUp((_request, response) => response.end(body));
  expect(await isBreached('cafe\u0301 noir')).toBe(true);
});

test.each<[string, RequestListener]>([
  ['silent', () => undefined],
  ['stuck in its answer', (_request, response) => response.write(`${SUFFIX}:`)],
  ['failing', (_request, response) => response.writeHead(503).end(`${SUFFIX}:9`)],
  [
    'elsewhere',
    (request, response) => {
      if (request.url === '/') response.end(`${SUFFIX}:9`);
      else response.writeHead(302, { location: '/' }).end();
    },
  ],
  ['disconnecting', (request) => request.socket.destroy()],
])(
  'PW-9 a service that is %s lets the password pass within 1.5 s, logged without its hash',
  async (_, listener) => {
    const { isBreached, warn } = await setUp(listener);
    const startedAt = performance.now();
    expect(await isBreached(PASSWORD)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(warn).toHaveBeenCalledOnce();
    const line = JSON.stringify(warn.mock.calls).toUpperCase();
    expect(line).not.toContain(PREFIX);
    expect(line).not.toContain(PASSWORD.toUpperCase());
  },
);
