import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrustedDocuments, trustedQuery } from '../../src/graphql-engine/trusted-documents.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** A list as graphql-codegen's client preset writes it. */
const DOCUMENTS = {
  '7c1f0d9e2b': 'query Viewer { __typename viewer { user { id } } }',
  d41d8cd98f:
    'mutation Login($input: LoginInput!) { __typename login(input: $input) { __typename } }',
};

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-documents-'));
  const path = join(folder, 'persisted-documents.json');
  await writeFile(path, JSON.stringify(DOCUMENTS));
  server = await startTestServer({ env: { TRUSTED_DOCUMENTS: path } });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function send(body: object) {
  const response = await server.request('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

test('GQ-13: a known hash runs its document, in each form in which clients send it', async () => {
  for (const known of [
    { documentId: '7c1f0d9e2b' },
    { documentId: 'sha256:7c1f0d9e2b' },
    { extensions: { persistedQuery: { version: 1, sha256Hash: '7c1f0d9e2b' } } },
    { documentId: '7c1f0d9e2b', query: '{ authSettings { passwordMinLength } }' },
  ]) {
    expect(await send(known)).toEqual({
      status: 200,
      body: { data: { __typename: 'Query', viewer: null } },
    });
  }
  const input = { email: 'nobody@example.com', password: 'whatever it is' };
  const login = await send({ documentId: 'd41d8cd98f', variables: { input } });
  expect(login.body.data.login.__typename).toBe('InvalidCredentialsError');
});

test('GQ-13: the algorithm before a hash in the list is ignored', async () => {
  const path = join(folder, 'named.json');
  await writeFile(path, JSON.stringify({ 'sha256:7c1f0d9e2b': DOCUMENTS['7c1f0d9e2b'] }));
  const documents = await readTrustedDocuments(path);
  expect(trustedQuery(documents, { documentId: '7c1f0d9e2b' })).toBe(DOCUMENTS['7c1f0d9e2b']);
  expect(trustedQuery(documents, { documentId: 'sha256:7c1f0d9e2b' })).toBe(
    DOCUMENTS['7c1f0d9e2b'],
  );
});

test('GQ-13: every other operation is rejected, and nothing is added at run time', async () => {
  const arbitrary = { query: '{ __typename }' };
  const registering = {
    ...arbitrary,
    extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
  };
  for (const [body, code] of [
    [arbitrary, 'PERSISTED_QUERY_ONLY'],
    [{}, 'PERSISTED_QUERY_ONLY'],
    [{ documentId: 7 }, 'PERSISTED_QUERY_ONLY'],
    [{ documentId: '__proto__' }, 'PERSISTED_QUERY_NOT_FOUND'],
    [{ documentId: 'constructor' }, 'PERSISTED_QUERY_NOT_FOUND'],
    [registering, 'PERSISTED_QUERY_NOT_FOUND'],
    [{ extensions: registering.extensions }, 'PERSISTED_QUERY_NOT_FOUND'],
  ] as const) {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].extensions.code).toBe(code);
  }
});

test('the server does not start with a malformed list', async () => {
  const path = join(folder, 'broken.json');
  for (const text of ['[]', '{"a": 1}', 'nothing', '{"a b": "{ __typename }"}']) {
    await writeFile(path, text);
    const database = await createTestDatabase();
    await expect(startTestServer({ env: { TRUSTED_DOCUMENTS: path }, database })).rejects.toThrow(
      'TRUSTED_DOCUMENTS',
    );
    await database.drop();
  }
});
