import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createSchema } from '../../src/graphql-engine/schema.ts';
import { testWithServer } from '../support/fixture.ts';
import { reachableHeap } from '../support/heap.ts';
import { LOGIN, PASSWORD, type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let person: Person;
const test = testWithServer();
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
});

async function attemptsSoFar(server: TestServer): Promise<number> {
  const sql = postgres(server.database.url, { max: 1 });
  const [row] = await sql`select count(*)::int as n from audit_events
    where type in ('SIGN_IN_FAILED', 'SIGNED_IN')`;
  await sql.end();
  return Number(row?.['n']);
}

const one = `login(input: { email: "a@example.com", password: "guess" }) { __typename }`;
const aliased = (count: number) =>
  Array.from({ length: count }, (_, n) => `g${n}: ${one}`).join('\n');

describe('RL-1: one request can check one credential', () => {
  const documents = {
    'a hundred aliases': `mutation { ${aliased(20)} }`,
    'two aliases': `mutation { ${aliased(2)} }`,
    'two fragments': `mutation { ...A ...B }
      fragment A on Mutation { a: ${one} } fragment B on Mutation { b: ${one} }`,
    'one fragment inside another': `mutation { ...A }
      fragment A on Mutation { a: ${one} ...B } fragment B on Mutation { b: ${one} }`,
    'inline fragments': `mutation { ... on Mutation { a: ${one} } ... { b: ${one} } }`,
    'a guess beside another credential check': `mutation { ${one}
      verifyEmail(input: { proof: { token: "t" } }) { __typename } }`,
  };
  test.for(Object.entries(documents))(
    '%s: 400, and no password is verified',
    async ([_, document], { server }) => {
      const before = await attemptsSoFar(server);
      const { status, errors } = await server.graphql(document);
      expect(status).toBe(400);
      expect(errors[0]?.extensions?.['code']).toBe('OPERATION_LIMIT_EXCEEDED');
      expect(errors[0]?.extensions?.['requestId']).toEqual(expect.any(String));
      expect(await attemptsSoFar(server)).toBe(before);
    },
  );

  test('every root field that takes a secret is marked costly, except the one that costs no write', () => {
    const fields = Object.values(createSchema().getMutationType()?.getFields() ?? {});
    const takesSecrets = (text: string) => /password|code|token|proof/i.test(text);
    const unmarked = fields
      .filter(({ extensions }) => extensions['costly'] !== true)
      .filter(({ args, name }) => takesSecrets(name) || takesSecrets(args.map(String).join()))
      .map(({ name }) => name);
    expect(unmarked).toEqual(['refreshToken']);
  });
});

describe('GQ-5, GQ-6: an operation that exceeds a limit is rejected before it is validated', () => {
  const nested = (depth: number) => `${'{ a'.repeat(depth)} ${'}'.repeat(depth)}`;
  const doubling = Array.from(
    { length: 60 },
    (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`,
  ).join(' ');
  const documents = {
    'six root fields':
      '{ viewer { user { id } } a1: __typename authSettings { passwordMinLength } a2: __typename a3: __typename a4: __typename }',
    'six aliases': '{ viewer { user { a: id b: id c: id d: id e: id f: id } } }',
    'seven levels': nested(7),
    'eleven directives': `{ viewer ${'@include(if: true) '.repeat(11)} { user { id } } }`,
    '20,000 directives': `{ viewer ${'@a'.repeat(7_000)} { user { id } } }`,
    'more than 1,000 tokens': `{ viewer { user { ${'id '.repeat(1_001)} } } }`,
    'more than 15,000 characters': `{ viewer { user { ${'id '.repeat(6_000)} } } }`,
    'a fragment that spreads itself':
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    'a fragment that spreads itself further down':
      '{ viewer { user { ...A } } } fragment A on User { id ...A }',
    'fragments that double 2^60 times': `{ ...F0 } ${doubling} fragment F60 on Query { __typename }`,
    'a list literal 900 deep': `{ viewer(a: ${'['.repeat(450)}${']'.repeat(450)}) { user { id } } } ${'#'}`,
  };
  test.for(Object.entries(documents))('%s', async ([what, document], { server }) => {
    const startedAt = performance.now();
    const { errors, text } = await server.graphql(document);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]?.extensions?.['code']).toBe(
      what.includes('list literal') ? 'GRAPHQL_VALIDATION_FAILED' : 'OPERATION_LIMIT_EXCEEDED',
    );
    expect(text.length).toBeLessThan(5_000);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test('50,000 duplicate fields are rejected in under 100 ms', async ({ server }) => {
    const document = `{ ${'__typename '.repeat(50_000)} }`;
    const short = `{ ${'a '.repeat(7_000)} }`;
    await server.graphql(short);
    const times: number[] = [];
    for (const text of [document, short, document, short]) {
      const startedAt = performance.now();
      const { status, errors } = await server.graphql(text);
      times.push(performance.now() - startedAt);
      expect(status).toBe(400);
      expect(errors[0]?.extensions?.['code']).toBe('OPERATION_LIMIT_EXCEEDED');
    }
    process.stdout.write(
      `GQ-6: duplicate fields refused in ${times.map((t) => t.toFixed(1))} ms\n`,
    );
    expect(Math.max(...times)).toBeLessThan(100);
  });

  test('lists and objects in variables, nested 10,000 deep, are rejected', async ({ server }) => {
    const deepList = '['.repeat(10_000) + ']'.repeat(10_000);
    const deepObject = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    for (const deep of [deepList, deepObject]) {
      const response = await server.request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"query":"{ __typename }","variables":{"a":${deep}}}`,
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('OPERATION_LIMIT_EXCEEDED');
    }
  });

  test('the deepest path of the schema is within the limit', async ({ server }) => {
    const document = `mutation ($input: LoginInput!) { login(input: $input) { ... on SignedIn {
      viewer { sessions { edges { node { id current } } pageInfo { hasNextPage } } } } } }`;
    const input = { email: person.email, password: PASSWORD };
    const { data, errors } = await server.graphql(document, { input });
    expect(errors).toEqual([]);
    expect(data.login.viewer.sessions.edges.length).toBeGreaterThan(0);
  });

  test('GQ-4: an array of operations is rejected', async ({ server }) => {
    const response = await server.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' }))),
    });
    expect(response.status).toBe(400);
  });

  test('GQ-6: a list has at most 100 items', async ({ server }) => {
    const { data, errors } = await server.graphql(
      '{ viewer { sessions(first: 101) { edges { cursor } } } }',
      undefined,
      { token: person.accessToken },
    );
    expect(data.viewer).toBeNull();
    expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });

  test('GQ-13: 2,000 different documents do not grow the memory', async ({ server }) => {
    const send = (n: number) =>
      server.graphql(`query Q${n} { viewer { user { ${'id '.repeat(900)} } } }`);
    for (let n = 0; n < 200; n += 1) await send(n);
    const before = reachableHeap();
    for (let n = 200; n < 2_000; n += 1) await send(n);
    expect(reachableHeap() - before).toBeLessThan(20);
  }, 60_000);

  test('GQ-16: an operation name is bounded, and the log holds at most 64 characters of it', async ({
    server,
  }) => {
    const name = 'N'.repeat(65);
    const long = await server.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `query ${name} { __typename }`, operationName: name }),
    });
    expect(long.status).toBe(400);
    await server.graphql(`query ${name} { __typename }`);
    expect(JSON.stringify(server.logged)).not.toContain(name);
  });
});

describe('GQ-7: production', () => {
  let production: TestServer;
  beforeAll(async () => {
    production = await startTestServer({ env: { INTROSPECTION: 'false', GRAPHIQL: 'false' } });
  });
  afterAll(() => production.close());

  test.each([
    '{ __schema { queryType { name } } }',
    '{ __type(name: "User") { name } }',
    '{ ...A } fragment A on Query { __schema { types { fields { type { fields { name } } } } } }',
  ])('production discloses nothing of its schema: %s', async (document) => {
    const { data, errors } = await production.graphql(document);
    expect(data ?? null).toBeNull();
    expect(errors[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('production has no GraphiQL, no landing page and no GET', async () => {
    for (const path of ['/graphql', '/graphql?query={__typename}']) {
      const response = await production.request(path, { headers: { accept: 'text/html' } });
      expect([404, 405]).toContain(response.status);
      expect(await response.text()).not.toContain('<');
    }
  });

  test('production allows __typename', async () => {
    expect((await production.graphql('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});

test('LOGIN of the test kit is one credential check', async ({ server }) => {
  const { errors } = await server.graphql(LOGIN, {
    input: { email: 'nobody@example.com', password: PASSWORD },
  });
  expect(errors).toEqual([]);
});
