import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect } from 'vitest';
import { createHttpServer } from '../../src/http/http-server.ts';
import { MAX_BODY_BYTES } from '../../src/http/request-bodies.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { collectingLog } from '../support/server.ts';
import {
  type Json,
  type Leaf,
  leavesOf,
  type Operation,
  operations,
  replaced,
} from './schema-inputs.ts';

/** The text that no response and no log line may repeat. */
const CANARY = 'cAnArY-7f3a9';

let http: Server;
let token: string;
const test = testWithServer();
test.beforeAll(async ({ server }) => {
  ({ accessToken: token } = await signUp(server));
  http = createHttpServer(server.app, server.app.deps.config, collectingLog([]));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  http.closeAllConnections();
  http.close();
});

type Result = {
  readonly status: number;
  readonly text: string;
  /** The union's member; null if the response has no data. */
  readonly kind: string | null;
  readonly paths: readonly string[];
};

/** Sends a body over a real socket, with a valid access token. */
async function post(body: string | Uint8Array<ArrayBuffer>): Promise<Result> {
  const { port } = http.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  const text = await response.text();
  const { data } = text.startsWith('{') ? JSON.parse(text) : { data: null };
  const [result] = Object.values<{ __typename: string; issues?: { path: string[] }[] }>(data ?? {});
  return {
    status: response.status,
    text,
    kind: result?.__typename ?? null,
    paths: (result?.issues ?? []).map(({ path }) => path.join('.')),
  };
}

const send = (operation: Operation, variables: Json) =>
  post(JSON.stringify({ query: operation.document, variables }));

/** The response is no fault and repeats no input. */
function expectHarmless(result: Result, what: string): void {
  expect(result.status, `${what}: ${result.text}`).toBeLessThan(500);
  expect(result.text, what).not.toContain('INTERNAL_SERVER_ERROR');
  expect(result.text, what).not.toContain(CANARY);
  expect(result.text, what).not.toMatch(/did you mean/i);
}

/** The request is malformed, or the error names the field. */
function expectRejected(result: Result, path: string, what: string): void {
  expectHarmless(result, what);
  if (result.kind === null) {
    expect(result.status, `${what}: ${result.text}`).toBeGreaterThanOrEqual(400);
    return;
  }
  expect(result.kind, what).toBe('InvalidInputError');
  expect(result.paths, what).toContain(path);
}

type Case = {
  readonly what: string;
  readonly value: unknown;
  readonly applies?: (leaf: Leaf) => boolean;
};

const isText = ({ type }: Leaf) => /^(String|ID|EmailAddress|URL)$/.test(type);
/**
 * PW-7: a password may be any text, and a name nearly any. RL-3, PR-11: an unknown device token or
 * registration token is treated as none.
 */
const isFreeText = ({ path }: Leaf) =>
  /password$|^name$|^(device|registration)Token$/i.test(path.at(-1) ?? '');

/** Values that no field accepts. */
const REFUSED: readonly Case[] = [
  { what: 'missing', value: undefined, applies: ({ required }) => required },
  { what: 'null', value: null, applies: ({ required }) => required },
  // LG-11: an empty name means no name.
  { what: 'empty', value: '', applies: ({ path }) => path.at(-1) !== 'name' },
  { what: 'unseen', value: '\u3164', applies: ({ path }) => path.at(-1) === 'name' },
  { what: 'an object', value: { [CANARY]: CANARY } },
  { what: 'a list of objects', value: [{ value: CANARY }] },
  { what: 'true', value: true, applies: ({ type }) => type !== 'Boolean' },
  { what: 'a fraction', value: 12.5, applies: ({ type }) => type !== 'Float' },
  { what: 'a text where none belongs', value: CANARY, applies: (leaf) => !isText(leaf) },
];

/** Texts that a field may accept, although they match nothing in the database. */
const HARMLESS: readonly Case[] = [
  { what: '60 kB', value: CANARY.repeat(5_000) },
  { what: 'a high surrogate alone', value: `${CANARY}\ud800` },
  { what: 'a low surrogate alone', value: `\udc00${CANARY}` },
  { what: 'NUL', value: `${CANARY}\u0000${CANARY}` },
  { what: 'control characters', value: `${CANARY}\r\n\u001b[31m\u0085\u202e` },
  { what: 'not characters', value: `${CANARY}\uffff\ufffe` },
  { what: 'a percent sign, a quote and a backslash', value: `%00' or 1=1 --\\${CANARY}` },
];

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (inner as Json)[name], value);
}

test('GQ-10: a cursor with a character that PostgreSQL cannot store is no fault', async () => {
  for (const field of ['sessions', 'securityEvents']) {
    for (const after of ['\u0000', '01a22900-ae74-7658-abd0-35fa2e7c55d\u0000', '\ud83d']) {
      const query = `query ($after: String) { viewer { ${field}(after: $after) { pageInfo { hasNextPage } } } }`;
      expectHarmless(await post(JSON.stringify({ query, variables: { after } })), after);
    }
  }
});

describe.each(operations().filter(({ inputs }) => inputs.length > 0))('$name', (operation) => {
  const leaves = operation.inputs.flatMap((input) =>
    leavesOf(operation.name, input).map((leaf) => ({ ...leaf, input, name: leaf.path.join('.') })),
  );

  test.each(leaves)(
    'GQ-9: $name rejects invalid values, and the error names the field',
    async (leaf) => {
      for (const { what, value } of REFUSED.filter(({ applies }) => applies?.(leaf) ?? true)) {
        const input = replaced(leaf.input, leaf.path, value);
        expectRejected(await send(operation, { input }), `input.${leaf.name}`, what);
      }
    },
  );

  test.each(leaves.filter(isText))(
    'hostile text in $name causes no fault and is not repeated',
    async (leaf) => {
      for (const { what, value } of HARMLESS) {
        const result = await send(operation, { input: replaced(leaf.input, leaf.path, value) });
        expectHarmless(result, what);
        if (result.kind !== null && !isFreeText(leaf)) expect(result.kind, what).toMatch(/Error$/);
      }
    },
  );

  test.each(leaves.filter(isText))(
    'GQ-10: a character that PostgreSQL cannot store in $name is no fault',
    async (leaf) => {
      const example = String(valueAt(leaf.input, leaf.path));
      const middle = Math.floor(example.length / 2);
      for (const character of ['\u0000', '\ud83d', '\ude00', '\ude00\ud83d']) {
        for (const at of [0, middle, example.length]) {
          const value = example.slice(0, at) + character + example.slice(at);
          const result = await send(operation, { input: replaced(leaf.input, leaf.path, value) });
          expectHarmless(result, JSON.stringify(value));
        }
      }
    },
  );

  test('unknown fields beside and inside the input', async () => {
    for (const input of operation.inputs) {
      const places = new Set(
        leavesOf(operation.name, input).map(({ path }) => path.slice(0, -1).join('.')),
      );
      for (const place of places) {
        const path = place === '' ? [] : place.split('.');
        for (const name of [
          CANARY,
          // A message in the words of graphql-js, which must not be read as one of its own.
          `include required field "${CANARY}"`,
          `Variable "$input" has invalid value at .${CANARY}: `,
          '__proto__',
          'constructor',
          'role',
          'emailVerified',
          'userId',
        ]) {
          const extra = JSON.stringify(replaced(input, [...path, 'EXTRA'], CANARY));
          const body = extra.replace('"EXTRA"', JSON.stringify(name));
          const result = await post(
            `{"query":${JSON.stringify(operation.document)},"variables":{"input":${body}}}`,
          );
          expect(result.kind, name).toBeNull();
          expectRejected(result, '', name);
        }
      }
    }
  });

  test('another value in place of the input', async () => {
    for (const input of [CANARY, 7, true, [CANARY], [[]], { [CANARY]: null }]) {
      const result = await send(operation, { input });
      expect(result.kind, JSON.stringify(input)).toBeNull();
      expectRejected(result, '', JSON.stringify(input));
    }
    for (const variables of [{}, { input: null }, { [CANARY]: CANARY }]) {
      const result = await send(operation, variables);
      expectHarmless(result, JSON.stringify(variables));
      expect(result.kind ?? 'an Error').toMatch(/Error$/);
    }
  });

  test('HT-5: a body of 70 kB is rejected before it is read', async () => {
    const [input] = operation.inputs;
    const [leaf] = leaves;
    const big = replaced(input, leaf?.path ?? [], CANARY.repeat(6_000));
    const result = await send(operation, { input: big });
    expect(result.status).toBe(413);
    expectHarmless(result, '70 kB');
  });
});

test('bodies that hold no operation are rejected', async () => {
  const bodies = [
    '',
    'null',
    '[]',
    '7',
    `"${CANARY}"`,
    `{"query":`,
    `{"query":{"${CANARY}":1}}`,
    `{"query":"mutation { ${CANARY} }"}`.replace('-', '_'),
    `{"query":"{ viewer { user { ${CANARY} } }"}`,
    `{"query":"{ viewer { __typename } }","variables":"${CANARY}"}`,
    `{"query":"{ viewer { __typename } }","operationName":{"${CANARY}":1}}`,
    `{"query":"{ viewer { __typename } }","extensions":[${'['.repeat(10_000)}${']'.repeat(10_000)}]}`,
    `{"query":"{ viewer { __typename } }","__proto__":{"query":"${CANARY}"}}`,
  ];
  for (const body of bodies) {
    const result = await post(body);
    expect(result.status, body.slice(0, 60)).toBeLessThan(500);
    expect(result.text, body.slice(0, 60)).not.toContain('INTERNAL_SERVER_ERROR');
  }
});

test('bytes that are not UTF-8 cause no fault', async () => {
  const text = JSON.stringify({ query: operations()[0]?.document, variables: { input: 'EVIL' } });
  const body = Buffer.concat([
    Buffer.from(text.slice(0, text.indexOf('EVIL'))),
    Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
    Buffer.from(text.slice(text.indexOf('EVIL') + 4)),
  ]);
  expectHarmless(await post(body), 'invalid UTF-8');
});

test('HT-5: the limit is exact to the byte, with and without a Content-Length', async () => {
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/graphql`;
  const headers = { 'content-type': 'application/json' };
  const bodyOf = (size: number) => Buffer.from(`{"query":"{ __typename }"}`.padEnd(size, ' '));
  const announced = async (size: number) =>
    (await fetch(url, { method: 'POST', headers, body: bodyOf(size) })).status;
  const streamed = async (size: number) => {
    const body = new Blob([bodyOf(size)]).stream();
    const init = { method: 'POST', headers, body, duplex: 'half' };
    return (await fetch(url, init)).status;
  };
  expect(await announced(MAX_BODY_BYTES)).toBe(200);
  expect(await announced(MAX_BODY_BYTES + 1)).toBe(413);
  expect(await announced(20_000_000)).toBe(413);
  expect(await streamed(MAX_BODY_BYTES)).toBe(200);
  expect(await streamed(MAX_BODY_BYTES + 1)).toBe(413);
  expect(await streamed(20_000_000)).toBe(413);
});

test('LO-2: the log holds none of the values above', ({ server }) => {
  expect(server.logged.length).toBeGreaterThan(100);
  expect(JSON.stringify(server.logged)).not.toContain(CANARY);
});
