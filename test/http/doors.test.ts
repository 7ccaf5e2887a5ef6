import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOperationContext, type OperationContext } from '../../src/graphql-engine/context.ts';
import { createDeadline } from '../../src/graphql-engine/deadline.ts';
import { createEngine } from '../../src/graphql-engine/engine.ts';
import { responseFormat } from '../../src/graphql-engine/respond.ts';
import { createDirectPath } from '../../src/http/direct-path.ts';
import { connectionOf } from '../../src/http/fetch.ts';
import { createTokenCookies } from '../../src/http/token-cookies.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { REFRESH, signUp } from '../support/journeys.ts';
import { publicSchema } from '../support/schema.ts';
import { type Doors, expectAlike, type Odd, responseOf, startDoors, VIEWER } from './doors.ts';

const json = (value: unknown) => JSON.stringify(value);
const withMember = (member: string) => `${VIEWER.slice(0, -1)},${member}}`;
const body = (text: string | Buffer): Odd => ({ body: text });
const query = (text: string, more: object = {}): Odd => ({ body: json({ query: text, ...more }) });
const refresh = (input: unknown): Odd => query(REFRESH, { variables: { input } });
const accept = (value: string): Odd => ({ headers: { accept: value } });
const type = (value: string): Odd => ({ headers: { 'content-type': value } });

const TWO = 'query A { viewer { user { id } } } query B { authSettings { passwordMinLength } }';
const NOT_UTF8 = Buffer.from([0xf0, 0x9f, 0x80, 0xed, 0xa0, 0x80]);

/** The engine is one, so the table holds what the doors do by themselves: reading and sending. */
const ODD_REQUESTS: readonly (readonly [string, number, Odd])[] = [
  ['the usual', 200, body(VIEWER)],
  ['an empty body', 400, body('')],
  ['broken JSON', 400, body('{"query":')],
  ['a byte order mark', 400, body(`\ufeff${VIEWER}`)],
  ['a batch', 400, body(`[${VIEWER}]`)],
  ['null', 400, body('null')],
  ['no query', 400, body('{}')],
  ['a query that is a number', 400, body('{"query":1}')],
  ['duplicate keys: the last counts', 200, body(`{"query":"{ nothing }",${VIEWER.slice(1)}`)],
  ['an unknown member', 400, body(withMember('"id":1'))],
  ['an unknown member that is null', 200, body(withMember('"id":null'))],
  ['documentId without a list', 400, body(withMember('"documentId":"x"'))],
  ['__proto__', 400, body(withMember('"__proto__":{"query":"{ a }"}'))],
  ['variables that are a list', 400, body(withMember('"variables":[]'))],
  ['variables that are null', 200, body(withMember('"variables":null'))],
  ['variables that nest too deeply', 400, refresh(deep(12))],
  ['extensions that are a list', 400, body(withMember('"extensions":[1]'))],
  ['a hash alone', 400, body('{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}')],
  ['an empty operation name', 400, body(withMember('"operationName":""'))],
  ['an operation name that is a number', 400, body(withMember('"operationName":7'))],
  ['the second of two operations', 200, query(TWO, { operationName: 'B' })],
  ['two operations without a name', 400, query(TWO)],
  ['a syntax error', 400, query('{ viewer')],
  ['a field that does not exist', 400, query('{ nothing }')],
  ['a subscription', 400, query('subscription { viewer { user { id } } }')],
  ['too many aliases', 400, query(`{ ${'abcdefg'.replace(/./g, '$&: __typename ')} }`)],
  ['a variable that does not fit', 400, refresh({ refreshToken: 5 })],
  ['no UTF-8 in a token', 200, body(Buffer.concat([...splitAt(json(refreshOf('x')), 'x')]))],
  ['half a surrogate in a token', 200, refresh({ refreshToken: '\ud800' })],
  ['Accept: both types', 200, accept('application/graphql-response+json, application/json')],
  ['Accept: graphql-response+json', 200, accept('application/graphql-response+json')],
  ['Accept: JSON in UTF-16', 406, accept('application/json; charset=utf-16')],
  ['Accept: a stream among others', 200, accept('text/event-stream, application/json')],
  ['Accept: a stream', 406, accept('text/event-stream')],
  ['Content-Type in capitals', 200, type('Application/JSON')],
  ['Content-Type in another charset', 415, type('application/json; charset=latin1')],
  ['a form', 415, type('application/x-www-form-urlencoded')],
  ['Expect: 100-continue', 200, { headers: { expect: '100-continue' } }],
  ['a query string beside the body', 200, { target: '/graphql?query={__typename}' }],
  ['a query by GET', 200, { method: 'GET', target: '/graphql?query={__typename}' }],
  [
    'a mutation by GET',
    405,
    { method: 'GET', target: '/graphql?query=mutation{logout{__typename}}' },
  ],
  ['PUT', 405, { method: 'PUT' }],
];

let doors: Doors;
beforeAll(async () => {
  doors = await startDoors({ CORS_ORIGINS: 'https://app.example.com' });
});
afterAll(async () => {
  await doors.close();
});

describe('GQ-1: the direct path and Yoga answer alike, byte for byte', () => {
  test.each(ODD_REQUESTS)('%s: %i', async (_, status, odd) => {
    expect((await responseOf(doors.direct, odd)).status).toContain(` ${status} `);
    await expectAlike(odd, doors);
    const headers = { accept: 'application/json', ...odd.headers };
    await expectAlike({ ...odd, headers }, doors);
  });
});

test('TK-8: both doors distinguish one bearer token from two and from none', async () => {
  const { accessToken } = await signUp(doors.direct, { email: 'parity@example.com' });
  const bearer = `authorization: Bearer ${accessToken}`;
  for (const lines of [[bearer], [bearer, bearer], [bearer, 'authorization: x']]) {
    await expectAlike({ lines }, doors);
  }
  const { body: known } = await responseOf(doors.direct, { lines: [bearer] });
  expect(known).toContain('parity@example.com');
  const { body: twice } = await responseOf(doors.direct, { lines: [bearer, bearer] });
  expect(twice).toBe('{"data":{"viewer":null}}');
});

test('GQ-13: with a list of trusted documents both doors run the same operations', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-trusted-'));
  const file = join(folder, 'documents.json');
  await writeFile(file, json({ abc: '{ viewer { user { id } } }', bad: '{ nothing }' }));
  const pair = await startDoors({ TRUSTED_DOCUMENTS: file });
  const requests = [
    [200, { documentId: 'abc' }],
    [200, { documentId: 'sha256:abc', variables: {}, operationName: null }],
    [200, { documentId: 'abc', query: '{ __typename }' }],
    [200, { documentId: 'abc', extensions: [] }],
    [400, { documentId: 'abc', variables: [] }],
    [400, { documentId: 'bad' }],
    [400, { documentId: 'unknown' }],
    [400, { documentId: 7 }],
    [400, { query: '{ viewer { user { id } } }' }],
    [200, { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }],
  ] as const;
  for (const [status, request] of requests) {
    const odd = { body: json(request) };
    expect((await responseOf(pair.direct, odd)).status, odd.body).toContain(` ${status} `);
    await expectAlike(odd, pair);
  }
  await pair.close();
  await rm(folder, { recursive: true });
});

describe.each([
  ['57P03', 503, 'SERVICE_UNAVAILABLE'],
  ['XX000', 500, 'INTERNAL_SERVER_ERROR'],
])('GQ-1, GQ-10: a fault of the database (%s)', (sqlState, status, code) => {
  let faulty: Doors;
  let bearer: string;
  beforeAll(async () => {
    faulty = await startDoors();
    const { accessToken } = await signUp(faulty.direct, { email: 'fault@example.com' });
    bearer = `authorization: Bearer ${accessToken}`;
    const sql = postgres(faulty.databaseUrl, { max: 1, onnotice: () => undefined });
    // Every read of the sessions raises the error.
    await sql.unsafe(`
      create function fail() returns boolean language plpgsql as
        $$ begin raise exception 'canary-fault' using errcode = '${sqlState}'; end $$;
      alter table sessions rename to sessions_away;
      create view sessions as select * from sessions_away where fail();`);
    await sql.end();
  });
  afterAll(() => faulty.close());

  test.each([
    ['one field', query('{ viewer { user { id } session { id } } }')],
    ['two fields', query('{ a: viewer { user { id } } b: viewer { session { id } } }')],
    [
      'beside a field that works',
      query('{ authSettings { passwordMinLength } viewer { user { id } } }'),
    ],
    ['two mutations', query('mutation { a: logout { __typename } b: logout { __typename } }')],
  ])(`looks the same through both doors, and answers ${status}: %s`, async (_, odd) => {
    for (const value of ['*/*', 'application/json', 'application/graphql-response+json']) {
      const request = { ...odd, headers: { accept: value }, lines: [bearer] };
      await expectAlike(request, faulty);
      const response = await responseOf(faulty.direct, request);
      expect(response.status).toContain(` ${status} `);
      expect(response.body).toContain(`"code":"${code}"`);
      expect(response.body).not.toMatch(/canary-fault|"http"/);
    }
  });
});

describe('the direct path by itself', () => {
  const engine = createEngine({
    schema: publicSchema(),
    trusted: null,
    config: { introspection: false },
  });
  const direct = createDirectPath(engine);
  const ask = async (text: string | object, authentication: OperationContext['authentication']) => {
    const { deps } = doors.direct.app;
    const headers = new Headers({ 'content-type': 'application/json' });
    const connection = connectionOf(new AbortController().signal);
    const { refresh: refreshCookie, device: deviceCookie } = createTokenCookies(
      deps.config,
      headers,
    );
    const context = createOperationContext(deps, {
      authorization: null,
      client: { ipAddress: null, userAgent: null, requestId: 'a-request-id' },
      deadline: createDeadline(connection),
      refreshCookie,
      deviceCookie,
    });
    const format = responseFormat('*/*');
    if (!format) throw new Error('no format');
    const request = {
      method: 'POST',
      target: '/graphql',
      headers,
      body: Buffer.from(typeof text === 'string' ? text : json(text)),
      remoteAddress: null,
      connection,
    };
    const response = await direct(request, { ...context, authentication }, format);
    context.deadline.cancel();
    return response;
  };

  test('answers a document the first time it comes', async () => {
    const answer = await ask({ query: '{ viewer { user { id } } }' }, async () => null);
    expect(answer).toMatchObject({ status: 200, body: '{"data":{"viewer":null}}' });
  });

  test.each([
    ['no JSON', '{'],
    ['a batch', '[]'],
    ['no query', {}],
    ['an unknown member', { query: '{ __typename }', id: 1 }],
    ['variables that are a list', { query: '{ __typename }', variables: [] }],
  ])('leaves a malformed request to Yoga: %s', async (_, text) => {
    expect(await ask(text, async () => null)).toBeNull();
  });

  test('GQ-10, RR-8: answers a fault with fixed words, and runs the operation once', async () => {
    let runs = 0;
    const answer = await ask({ query: '{ viewer { user { id } } }' }, async () => {
      runs += 1;
      throw new ServiceUnavailableError({ cause: new Error('the words of a fault') });
    });
    expect(answer).toEqual({
      status: 503,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: expect.stringMatching(/^{"data":{"viewer":null},"errors":\[{"message":"Try again/),
    });
    expect(answer?.body).not.toMatch(/words of a fault|"http"/);
    expect(runs).toBe(1);
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? 'x' : { a: deep(levels - 1) };
}

function refreshOf(refreshToken: string) {
  return { query: REFRESH, variables: { input: { refreshToken } } };
}

/** A body with bytes that are no UTF-8 in the place of its token. */
function splitAt(text: string, token: string): readonly Buffer[] {
  const [before = '', after = ''] = text.split(`"${token}"`);
  return [Buffer.from(`${before}"`), NOT_UTF8, Buffer.from(`"${after}`)];
}
