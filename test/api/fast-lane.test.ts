import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOperationContext } from '../../src/api/context.ts';
import { createDeadline } from '../../src/api/deadline.ts';
import { createFastLane } from '../../src/api/fast-lane.ts';
import { hangupOn } from '../../src/api/fetch.ts';
import { createKnownDocuments } from '../../src/api/known-documents.ts';
import { createSchema } from '../../src/api/schema.ts';
import { createTokenCookies } from '../../src/api/token-cookies.ts';
import { signUp } from '../support/journeys.ts';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { ODD_BODIES, ODD_HEADERS, ODD_TARGETS, type Odd, VIEWER } from './odd-requests.ts';

/**
 * Two servers on one database with one set of keys: one answers plain operations in its fast lane,
 * the other leaves everything to Yoga. From outside they have to be one (GQ-1).
 */
async function startTwins(env: Readonly<Record<string, string>> = {}) {
  const database = await createTestDatabase();
  const keys = { SECRET_KEYS: randomBytes(32).toString('base64'), ...env };
  const fast = await startListening({ database, env: keys });
  const slow = await startListening({ database, env: keys, fastLane: false });
  return { fast, slow };
}

let twins: { fast: ListeningServer; slow: ListeningServer };
beforeAll(async () => {
  twins = await startTwins({ CORS_ORIGINS: 'https://app.example.com' });
});
afterAll(async () => {
  await twins.slow.app.close();
  await twins.fast.close();
});

/** The request as bytes, whatever it is; the connection ends with the answer. */
function bytesOf({ method = 'POST', target = '/graphql', headers = {}, lines = [], body }: Odd) {
  const content = Buffer.from(body ?? VIEWER);
  const all = {
    host: 'localhost',
    connection: 'close',
    'x-request-id': 'parity-request-1',
    'content-type': 'application/json',
    'content-length': String(content.length),
    ...headers,
  };
  const head = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${target} HTTP/1.1`, ...head, ...lines, '', ''].join('\r\n');
  return [Buffer.concat([Buffer.from(text, 'latin1'), content])];
}

/** An answer as a whole, but for the moment it was given. */
async function answerOf(server: ListeningServer, odd: Odd) {
  const answer = (await server.raw(bytesOf(odd))).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const [status, ...headers] = head.split('\r\n');
  const told = headers.filter((line) => !line.toLowerCase().startsWith('date:'));
  return { status, headers: told.toSorted(), body: body.join('\r\n\r\n') };
}

async function expectAlike(odd: Odd, { fast, slow } = twins) {
  // The second time the document is known, and the fast lane may take it.
  for (let time = 0; time < 2; time += 1) {
    const yoga = await answerOf(slow, odd);
    expect(yoga.status).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(await answerOf(fast, odd)).toEqual(yoga);
  }
}

describe('GQ-1: the fast lane and Yoga answer alike, byte for byte', () => {
  test.each(ODD_BODIES)('body: %s', async (_, body) => expectAlike({ body }));
  test.each(ODD_BODIES)('body, for graphql-response+json: %s', async (_, body) =>
    expectAlike({ body, headers: { accept: 'application/graphql-response+json' } }),
  );
  test.each(ODD_HEADERS)('headers: %j', async (odd) => expectAlike(odd));
  test.each(ODD_TARGETS)('target: %s %s', async (method, target) =>
    expectAlike({ method, target }),
  );
});

test('TK-8: a live token, one in two header lines and none are told apart alike', async () => {
  const { accessToken } = await signUp(twins.fast, { email: 'parity@example.com' });
  const bearer = `authorization: Bearer ${accessToken}`;
  for (const lines of [[bearer], [bearer, bearer], [bearer, 'authorization: x']]) {
    await expectAlike({ lines });
  }
  const { body } = await answerOf(twins.fast, { lines: [bearer] });
  expect(body).toContain('parity@example.com');
  expect((await answerOf(twins.fast, { lines: [bearer, bearer] })).body).toBe(
    '{"data":{"viewer":null}}',
  );
});

test('GQ-13: with a list of trusted documents both take the same operations', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-trusted-'));
  const file = join(folder, 'documents.json');
  await writeFile(file, JSON.stringify({ abc: '{ viewer { user { id } } }', bad: '{ nothing }' }));
  const pair = await startTwins({ TRUSTED_DOCUMENTS: file });
  const bodies = [
    { documentId: 'abc' },
    { documentId: 'sha256:abc', variables: {}, operationName: null },
    { documentId: 'abc', query: '{ __typename }' },
    { documentId: 'abc', extensions: [] },
    { documentId: 'abc', id: 1 },
    { documentId: 'abc', variables: [] },
    { documentId: 'bad' },
    { documentId: 'unknown' },
    { documentId: 7 },
    { query: '{ viewer { user { id } } }' },
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } },
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'unknown' } } },
  ];
  for (const body of bodies) await expectAlike({ body: JSON.stringify(body) }, pair);
  await pair.slow.app.close();
  await pair.fast.close();
  await rm(folder, { recursive: true });
});

describe('The fast lane by itself', () => {
  const query = '{ viewer { user { id } } }';
  const createLane = () => {
    const schema = createSchema();
    const documents = createKnownDocuments(schema, { introspection: false });
    return createFastLane({ schema, documents, trusted: null });
  };
  const requestOf = (authentication: () => Promise<null>, text = query) => {
    const { deps } = twins.fast.app;
    const headers = new Headers({ 'content-type': 'application/json' });
    const hangup = hangupOn(new AbortController().signal);
    const context = createOperationContext(deps, {
      headers,
      client: { ipAddress: null, userAgent: null, requestId: 'a-request-id' },
      deadline: createDeadline(hangup),
      cookies: createTokenCookies(deps.config, headers),
    });
    const body = Buffer.from(JSON.stringify({ query: text }));
    const request = {
      method: 'POST',
      target: '/graphql',
      headers,
      body,
      remoteAddress: null,
      hangup,
    };
    return { request, context: { ...context, authentication } };
  };

  test('takes a document the first time already', async () => {
    const { request, context } = requestOf(async () => null);
    expect(await createLane()(request, context)).toMatchObject({
      status: 200,
      body: '{"data":{"viewer":null}}',
    });
    context.deadline.cancel();
  });

  test.each([
    ['no GraphQL', '{ viewer'],
    ['a field there is not', '{ nobody { id } }'],
    ['introspection', '{ __schema { queryType { name } } }'],
    ['too many aliases', `{ ${'abcdefgh'.replace(/./g, '$&: viewer { user { id } } ')} }`],
    ['too many tokens', `{ ${'viewer { user { id } } '.repeat(250)} }`],
  ])('GQ-5, GQ-6, GQ-7: leaves %s to Yoga, each time it comes', async (_what, text) => {
    const lane = createLane();
    const { request, context } = requestOf(async () => null, text);
    expect(await lane(request, context)).toBeNull();
    expect(await lane(request, context)).toBeNull();
    expect(context.execution.result).toBeNull();
    context.deadline.cancel();
  });

  test('GQ-10: leaves an error to Yoga to word, and the operation has run once', async () => {
    const lane = createLane();
    let runs = 0;
    const { request, context } = requestOf(async () => {
      runs += 1;
      throw new Error('the words of a fault');
    });
    expect(await lane(request, context)).toBeNull();
    expect(await lane(request, context)).toBeNull();
    expect(runs).toBe(1);
    context.deadline.cancel();
  });
});
