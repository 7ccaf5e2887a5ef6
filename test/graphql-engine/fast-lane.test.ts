import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeadline } from '../../src/graphql-engine/deadline.ts';
import { createFastLane } from '../../src/graphql-engine/fast-lane.ts';
import { createKnownDocuments } from '../../src/graphql-engine/known-documents.ts';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { createOperationContext } from '../../src/http/context.ts';
import { hangupOn } from '../../src/http/fetch.ts';
import { createTokenCookies } from '../../src/http/token-cookies.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { signUp } from '../support/journeys.ts';
import { ODD_BODIES, ODD_HEADERS, ODD_TARGETS } from './odd-requests.ts';
import { answerOf, expectAlike, startTwins, type Twins } from './twins.ts';

let twins: Twins;
beforeAll(async () => {
  twins = await startTwins({ CORS_ORIGINS: 'https://app.example.com' });
});
afterAll(async () => {
  await twins.close();
});

describe('GQ-1: the fast lane and Yoga answer alike, byte for byte', () => {
  test.each(ODD_BODIES)('body: %s', async (_, body) => expectAlike({ body }, twins));
  test.each(ODD_BODIES)('body, for graphql-response+json: %s', async (_, body) =>
    expectAlike({ body, headers: { accept: 'application/graphql-response+json' } }, twins),
  );
  test.each(ODD_HEADERS)('headers: %j', async (odd) => expectAlike(odd, twins));
  test.each(ODD_TARGETS)('target: %s %s', async (method, target) =>
    expectAlike({ method, target }, twins),
  );
});

test('TK-8: a live token, one in two header lines and none are told apart alike', async () => {
  const { accessToken } = await signUp(twins.fast, { email: 'parity@example.com' });
  const bearer = `authorization: Bearer ${accessToken}`;
  for (const lines of [[bearer], [bearer, bearer], [bearer, 'authorization: x']]) {
    await expectAlike({ lines }, twins);
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
  await pair.close();
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

  test('GQ-10, RR-8: words a fault by itself, and the operation has run once', async () => {
    const lane = createLane();
    let runs = 0;
    const { request, context } = requestOf(async () => {
      runs += 1;
      throw new ServiceUnavailableError({ cause: new Error('the words of a fault') });
    });
    const answer = await lane(request, context);
    expect(answer).toEqual({
      status: 503,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: expect.stringMatching(/^{"data":{"viewer":null},"errors":\[{"message":"Try again/),
    });
    expect(answer?.body).not.toMatch(/words of a fault|"http"/);
    expect(await lane(request, context)).toEqual(answer);
    expect(runs).toBe(1);
    context.deadline.cancel();
  });

  test('GQ-10: leaves an error of GraphQL to Yoga to word, and the operation has run once', async () => {
    const lane = createLane();
    let runs = 0;
    const { request, context } = requestOf(async () => {
      runs += 1;
      throw new GraphQLError('the words of an error');
    });
    expect(await lane(request, context)).toBeNull();
    expect(await lane(request, context)).toBeNull();
    expect(runs).toBe(1);
    context.deadline.cancel();
  });
});
