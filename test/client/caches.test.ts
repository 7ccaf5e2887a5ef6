import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { possibleTypes } from '../../client/src/generated/cache.ts';
import {
  apolloApp,
  changedViewer,
  LOGIN,
  NODES,
  relayApp,
  urqlApp,
} from '../../client/test/caches.ts';
import artifacts from '../../client/test/generated/relay-artifacts.json' with { type: 'json' };
import { printApi } from '../../src/graphql-engine/print-schema.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let person: Person;
let url: string;
let message: string;
beforeAll(async () => {
  server = await startTestServer();
  person = await signUp(server);
  url = `${server.app.deps.config.publicUrl}/graphql`;
  const answer = await anonymous(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LOGIN, variables: WRONG }),
  });
  message = (await answer.json()).data.login.message;
});
afterAll(() => server.close());

const WRONG = { input: { email: 'nobody@example.com', password: 'not the password' } };

const send: typeof globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  request.headers.set('authorization', `Bearer ${person.accessToken}`);
  return server.app.fetch(request, { remoteAddress: '127.0.0.1' });
};
const anonymous: typeof globalThis.fetch = (input, init) =>
  server.app.fetch(new Request(input, init), { remoteAddress: '127.0.0.1' });

describe('GQ-17: the message of an error arrives through each normalized cache', () => {
  test.each([
    ['Apollo Client', () => apolloApp({ url, fetch: anonymous }, true)],
    ['urql', () => urqlApp({ url, fetch: anonymous }, true)],
    ['Relay', () => relayApp({ url, fetch: anonymous })],
  ])('%s', async (_, start) => {
    expect(message).toMatch(/\w/);
    expect(await start().login(WRONG)).toMatchObject({
      __typename: 'InvalidCredentialsError',
      message,
    });
  });

  test('and is lost in Apollo Client without possibleTypes', async () => {
    const refusal = await apolloApp({ url, fetch: anonymous }, false).login(WRONG);
    expect(refusal).toEqual({ __typename: 'InvalidCredentialsError' });
  });
});

describe('GQ-17: an object with an id is one object in each cache', () => {
  test('Apollo Client: by its type and id, and the viewer is one object', async () => {
    const ids = await apolloApp({ url, fetch: send }, true).nodes();
    expect(ids).toContain(`User:${person.userId}`);
    expect(ids).toContain('Viewer:{}');
    expect(ids.filter((id) => id.startsWith('Session:'))).toHaveLength(1);
    expect(ids.filter((id) => id.startsWith('SecurityEvent:')).length).toBeGreaterThan(0);
  });

  test('urql: read again without the network and without a warning', async () => {
    const app = urqlApp({ url, fetch: send }, true);
    expect(await app.nodes()).toEqual(['complete']);
    expect(app.warnings).toEqual([]);
    const unconfigured = urqlApp({ url, fetch: send }, false);
    await unconfigured.nodes();
    expect(unconfigured.warnings.length).toBeGreaterThan(0);
  });

  test('Relay: by its id alone, which no other object has', async () => {
    const ids = await relayApp({ url, fetch: send }).nodes();
    expect(ids).toContain(person.userId);
    const own = ids.filter((id) => /^[0-9a-f-]{36}$/.test(id));
    expect(own.length).toBeGreaterThanOrEqual(3);
    expect(new Set(own).size).toBe(own.length);
  });
});

test('GQ-17: an operation that returns the viewer updates what another one read', async () => {
  expect(await changedViewer({ url, fetch: send }, 'Ada')).toMatchObject({
    viewer: { user: { name: 'Ada' }, mfa: { enabled: false } },
  });
});

test('GQ-17: what Relay sends was compiled from these documents and matches the current schema', () => {
  const schema = buildSchema(printApi());
  const texts = Object.values(artifacts).map(({ params }) => params.text);
  for (const text of texts) expect(validate(schema, parse(text))).toEqual([]);
  const names = [LOGIN, NODES].map((document) => /(?:mutation|query) (\w+)/.exec(document)?.[1]);
  expect(Object.keys(artifacts)).toEqual(names);
});

test('GQ-17: every type that clients store by id implements Node, or belongs to no person', () => {
  const sdl = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
  const schema = buildSchema(sdl);
  const withId = Object.values(schema.getTypeMap())
    .filter((type) => 'getInterfaces' in type && 'id' in type.getFields() && type.name !== 'Node')
    .map(({ name }) => name);
  const others = withId.filter((name) => !possibleTypes['Node']?.includes(name));
  expect(others).toEqual(['OAuthProvider']);
  // It would be a second entry point (see the schema's description of Node).
  expect(schema.getQueryType()?.getFields()).not.toHaveProperty('node');
});
