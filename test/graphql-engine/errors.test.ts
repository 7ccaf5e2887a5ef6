import { describe, expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const test = testWithServer();

const CANARY = 'canary-7f3d9a';

describe('GQ-8: no error suggests a name', () => {
  const probes: [string, string, object?][] = [
    ['a field', '{ viewr { user { id } } }'],
    ['an argument', '{ viewer { sessions(frst: 1) { edges { cursor } } } }'],
    ['a type', 'query ($i: LoginInpt!) { __typename }'],
    ['a fragment’s type', '{ viewer { ...F } } fragment F on Viewr { user { id } }'],
    ['an input field', 'mutation { login(input: { emial: "a" }) { __typename } }'],
    ['a directive', '{ __typename @skp(if: true) }'],
    [
      'an input field in a variable',
      'mutation ($i: LoginInput!) { login(input: $i) { __typename } }',
      { i: { emial: 'a', pasword: 'b' } },
    ],
    ['a union member', 'mutation { logout { ... on SignedOt { at } } }'],
    [
      'a variable',
      'query ($first: Int) { viewer { sessions(first: $frst) { edges { cursor } } } }',
    ],
    ['an argument of a directive', '{ __typename @skip(iff: true) }'],
  ];
  test.for(probes)('%s', async ([_, document, variables], { server }) => {
    const { text, errors } = await server.graphql(document, variables);
    expect(errors.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/did you mean/i);
    expect(text).not.toMatch(/perhaps|suggest/i);
  });
});

describe('GQ-9: no response and no log line repeats a value', () => {
  const login = 'mutation ($i: LoginInput!) { login(input: $i) { __typename } }';
  const probes: [string, string, unknown?][] = [
    ['an object for a string', login, { i: { email: { [CANARY]: CANARY }, password: [CANARY] } }],
    ['a list for an object', login, { i: [CANARY] }],
    ['a string for an object', login, { i: CANARY }],
    ['an unknown input field', login, { i: { [CANARY]: CANARY, email: 'a@b.co', password: 'x' } }],
    ['a number for a string', login, { i: { email: 'a@b.co', password: 73_737_373_737 } }],
    [
      'a string for an Int',
      'query ($n: Int) { viewer { sessions(first: $n) { edges { cursor } } } }',
      { n: CANARY },
    ],
    [
      'null for a variable with a default',
      'mutation ($i: LoginInput = { email: "a@b.co", password: "x" }) { login(input: $i) { __typename } }',
      { i: null },
    ],
    [
      'a literal of the wrong type',
      `mutation { login(input: { email: 1, password: {${CANARY.replace('-', '_')}: 1} }) { __typename } }`,
    ],
    ['a literal for an object', `mutation { login(input: "${CANARY}") { __typename } }`],
    [
      'an enum literal',
      `mutation { login(input: { email: "a", password: canary_7f3d9a }) { __typename } }`,
    ],
    ['a syntax error', `mutation { login(input: { password: "${CANARY} `],
    ['a string where a name belongs', `mutation { "${CANARY}" }`],
    ['a malformed address', login, { i: { email: `<${CANARY}>`, password: CANARY } }],
    [
      'two members of a @oneOf',
      'mutation ($i: VerifyEmailInput!) { verifyEmail(input: $i) { __typename } }',
      { i: { proof: { token: CANARY, code: { email: 'a@b.co', code: CANARY } } } },
    ],
  ];
  test.for(probes)('%s', async ([_, document, variables], { server }) => {
    const already = server.logged.length;
    const { status, text } = await server.graphql(document, variables as object | undefined);
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/canary.7f3d9a/);
    expect(text).not.toContain('73737373737');
    expect(JSON.stringify(server.logged.slice(already))).not.toMatch(/canary.7f3d9a/);
  });

  test('a body that is not JSON, and a body with unknown members', async ({ server }) => {
    for (const body of [
      `{"query": ${CANARY}`,
      CANARY,
      `{"${CANARY}": 1, "query": "{ __typename }"}`,
      `"${CANARY}"`,
      'null',
      '7',
      '[]',
    ]) {
      const response = await server.request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(text).not.toContain(CANARY);
      expect(JSON.parse(text).errors[0].extensions).toEqual({
        code: 'BAD_REQUEST',
        requestId: response.headers.get('x-request-id'),
      });
    }
  });
});

describe('GQ-10: stable codes and a request id', () => {
  const cases: [string, string, object?][] = [
    ['GRAPHQL_PARSE_FAILED', '{'],
    ['GRAPHQL_VALIDATION_FAILED', '{ nothing }'],
    [
      'BAD_USER_INPUT',
      'query ($n: Int!) { viewer { sessions(first: $n) { edges { cursor } } } }',
      { n: 'x' },
    ],
    ['OPERATION_RESOLUTION_FAILURE', 'query A { __typename } query B { __typename }'],
  ];
  test.for(cases)('%s', async ([code, document, variables], { server }) => {
    for (let time = 0; time < 2; time += 1) {
      const { errors, headers } = await server.graphql(document, variables);
      expect(errors[0]?.extensions).toEqual({ code, requestId: headers.get('x-request-id') });
    }
  });

  test('errors of the database and of a resolver have the same form, and name neither', async () => {
    const own = await startTestServer();
    const person = await signUp(own);
    const db = own.app.deps.db;
    await queryDatabase(db, 'alter table sessions rename column user_agent to elsewhere');
    const broken = await own.graphql('{ viewer { user { id } } }', undefined, {
      token: person.accessToken,
    });
    expect(broken.errors[0]?.extensions?.['code']).toBe('INTERNAL_SERVER_ERROR');
    expect(broken.text).not.toMatch(/select|sessions|user_agent|127\.0\.0\.1|\.ts|at /i);
    expect(own.logged.some(({ level }) => level === 'error')).toBe(true);
    await own.close();
  });
});

test('HT-7: __proto__ and constructor keys have no effect wherever they are sent', async ({
  server,
}) => {
  const bodies = [
    '{"query":"{ __typename }","__proto__":{"polluted":1}}',
    '{"query":"{ __typename }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
    '{"query":"{ __typename }","extensions":{"__proto__":{"polluted":1}}}',
    '{"query":"mutation ($i: LoginInput!) { login(input: $i) { __typename } }","variables":{"i":{"email":"a@b.co","password":"x","__proto__":{"polluted":1}}}}',
    '{"query":"mutation ($i: RegisterInput!) { register(input: $i) { __typename } }","variables":{"i":{"email":"a@b.co","password":"x","constructor":{"prototype":{"polluted":1}}}}}',
  ];
  for (const body of bodies) {
    const response = await server.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBeLessThan(500);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  }
});

test('GQ-14: a client that disconnects leaves no hash in the queue', async () => {
  const own = await startTestServer({
    env: { HASH_CONCURRENCY: '1', HASH_QUEUE: '200' },
    durations: 'as-configured',
  });
  const controllers: AbortController[] = [];
  const calls = Array.from({ length: 100 }, (_, n) => {
    const controller = new AbortController();
    controllers.push(controller);
    return own.app
      .fetch(
        new Request(`${own.app.deps.config.publicUrl}/graphql`, {
          method: 'POST',
          signal: controller.signal,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query: 'mutation ($i: LoginInput!) { login(input: $i) { __typename } }',
            variables: { i: { email: `gone-${n}@example.com`, password: PASSWORD } },
          }),
        }),
        { remoteAddress: `10.9.${n}.1` },
      )
      .catch(() => null);
  });
  const { stats } = own.app.deps.hashQueue;
  await until(() => stats().waiting > 50);
  for (const controller of controllers) controller.abort();
  await Promise.all(calls);
  expect(stats().waiting).toBe(0);
  expect(stats().inFlight).toBeLessThanOrEqual(1);
  expect(own.logged.filter(({ level }) => level === 'error')).toEqual([]);
  await own.close();
});
