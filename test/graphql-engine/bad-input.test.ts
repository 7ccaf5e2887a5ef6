import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect } from 'vitest';
import { createHttpServer } from '../../src/http/http-server.ts';
import { MAX_BODY_BYTES } from '../../src/http/request-bodies.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { publicSchema } from '../support/schema.ts';
import { collectingLog } from '../support/server.ts';
import {
  CANARY,
  describeBadInput,
  expectHarmless,
  type Result,
  readResult,
} from './hostile-input.ts';
import { operations } from './schema-inputs.ts';

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

/** Sends a body over a real socket, with a valid access token. */
async function post(body: string | Uint8Array<ArrayBuffer>): Promise<Result> {
  const { port } = http.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  return await readResult(response);
}

test('GQ-10: a cursor with a character that PostgreSQL cannot store is no fault', async () => {
  for (const field of ['sessions', 'securityEvents']) {
    for (const after of ['\u0000', '01a22900-ae74-7658-abd0-35fa2e7c55d\u0000', '\ud83d']) {
      const query = `query ($after: String) { viewer { ${field}(after: $after) { pageInfo { hasNextPage } } } }`;
      expectHarmless(await post(JSON.stringify({ query, variables: { after } })), after);
    }
  }
});

describeBadInput(publicSchema(), post);

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
