import fc from 'fast-check';
import { expect } from 'vitest';
import { testWithListening } from '../support/fixture.ts';
import type { ListeningServer } from '../support/listening.ts';

const test = testWithListening({ env: { LOG_LEVEL: 'silent' } });

/** The suite's share of the 10,000 that are shown: FUZZ_RUNS=10000 npx vitest run test/security/fuzz.test.ts. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_500);
const WORKERS = 8;

/** Runs a property's values through the server, some at a time; counts answers by their class. */
async function answers<T>(
  arbitrary: fc.Arbitrary<T>,
  ask: (value: T) => Promise<number>,
): Promise<Record<string, number>> {
  const values = fc.sample(arbitrary, { numRuns: RUNS, seed: 20_261_121 });
  const counts: Record<string, number> = {};
  const worker = async () => {
    for (let value = values.pop(); value !== undefined; value = values.pop()) {
      const status = await ask(value);
      const kind = `${Math.floor(status / 100)}xx`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return counts;
}

async function post(
  server: ListeningServer,
  body: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await server.request('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

function expectNoFault(what: string, counts: Record<string, number>): void {
  process.stdout.write(`fast-check, ${RUNS} ${what}: ${JSON.stringify(counts)}\n`);
  expect(counts['5xx'] ?? 0).toBe(0);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(RUNS);
}

const headerText = fc.string({ unit: 'binary-ascii', maxLength: 300 }).map((text) =>
  // What no HTTP parser lets through never reaches us; the raw-socket tests send that.
  text.replace(/\p{Cc}/gu, ' ').trim(),
);
const base64url = fc.string({ unit: fc.constantFrom(...'ABCabc019-_=.'), maxLength: 400 });
const authorization = fc.oneof(
  headerText,
  headerText.map((text) => `Bearer ${text}`),
  base64url.map((text) => `bearer ${text}`),
  fc.tuple(base64url, base64url, base64url).map((parts) => `Bearer ${parts.join('.')}`),
  fc.tuple(base64url, base64url).map(([a, b]) => `Bearer ${a}, Bearer ${b}`),
  fc.json({ maxDepth: 2 }).map((json) => {
    const part = Buffer.from(json).toString('base64url');
    return `Bearer ${part}.${part}.${part}`;
  }),
  fc.constant(`Bearer ${'x'.repeat(15_000)}`),
);

test('TK-8: random Authorization headers never cause a 5xx or a crash', async ({ server }) => {
  const body = JSON.stringify({ query: '{ viewer { user { id } } }' });
  const counts = await answers(authorization, (value) =>
    post(server, body, { authorization: value }),
  );
  expectNoFault('Authorization headers', counts);
}, 300_000);

test('random refresh tokens and mail tokens never cause a 5xx', async ({ server }) => {
  const token = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    base64url,
    base64url.map((text) => `lkr_${text}`),
    fc
      .uint8Array({ minLength: 64, maxLength: 64 })
      .map((bytes) => `lkr_${Buffer.from(bytes).toString('base64url')}`),
  );
  const counts = await answers(token, (refreshToken) =>
    post(
      server,
      JSON.stringify({
        query: 'mutation ($i: RefreshTokenInput) { refreshToken(input: $i) { __typename } }',
        variables: { i: { refreshToken } },
      }),
    ),
  );
  expectNoFault('tokens', counts);
}, 300_000);

test('LG-7: random addresses never cause a 5xx, and nothing that is not an address is mailed', async ({
  server,
}) => {
  const address = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.emailAddress(),
    fc
      .tuple(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }))
      .map(([local, domain]) => `${local}@${domain}`),
    fc.emailAddress().map((email) => `${email}\r\nBcc: other@example.com`),
    fc.emailAddress().map((email) => `${email},other@example.com`),
  );
  const counts = await answers(address, (email) =>
    post(
      server,
      JSON.stringify({
        query: `mutation ($i: ResendEmailVerificationInput!) {
          resendEmailVerification(input: $i) { __typename } }`,
        variables: { i: { email } },
      }),
    ),
  );
  expectNoFault('addresses', counts);
  expect(server.mails).toEqual([]);
}, 300_000);

test('random variables and bodies never cause a 5xx', async ({ server }) => {
  const queries = [
    'mutation ($i: LoginInput!) { login(input: $i) { __typename } }',
    'mutation ($i: VerifyEmailInput!) { verifyEmail(input: $i) { __typename } }',
    'mutation ($i: RefreshTokenInput) { refreshToken(input: $i) { __typename } }',
    'query ($i: Int, $a: String) { viewer { sessions(first: $i, after: $a) { edges { cursor } } } }',
  ];
  const key = fc.constantFrom(
    'i',
    'a',
    'input',
    'email',
    'proof',
    'token',
    'code',
    '__proto__',
    'constructor',
  );
  const shape = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer(),
      fc.double(),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const body = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...queries), fc.dictionary(key, shape))
        .map(([query, variables]) => JSON.stringify({ query, variables })),
    },
    { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.string({ maxLength: 60 }), shape)
        .map(([query, extensions]) =>
          JSON.stringify({ query, extensions, operationName: extensions }),
        ),
    },
  );
  expectNoFault('bodies', await answers(body, (text) => post(server, text)));
}, 300_000);

test('TK-8: header bytes that no client library sends, sent from a raw socket, never cause a 5xx', async ({
  server,
}) => {
  const body = '{"query":"{ viewer { user { id } } }"}';
  const strange = [
    '\xff\xfe\x80',
    'Bearer \xe2\x82\xac',
    'Bearer\t',
    'Bearer  a',
    '\x00',
    'Bearer a\x0bb',
    'Basic \x7f',
  ];
  for (const value of strange) {
    const answer = await server.raw(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: ${value}\r\nauthorization: Bearer second\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d/);
  }
});
