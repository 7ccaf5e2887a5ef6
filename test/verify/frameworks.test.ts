import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect } from 'vitest';
import { createVerifier, type Verifier } from '../../verify/src/index.ts';
import { expressApp, fastifyApp, honoApp, yogaApp } from '../../verify/test/apps.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';

let person: Person;
let verifier: Verifier;
let keysAway: Verifier;
const closing: (() => Promise<unknown>)[] = [];
const test = testWithServer();
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
  const { publicUrl, accessToken } = server.app.deps.config;
  const whose = { issuer: publicUrl, audience: accessToken.audience };
  verifier = createVerifier({
    ...whose,
    fetch: (input, init) => server.app.fetch(new Request(input, init)),
  });
  keysAway = createVerifier({ ...whose, fetch: async () => new Response(null, { status: 502 }) });
});
afterAll(async () => {
  for (const close of closing) await close();
});

async function listen(listener: RequestListener): Promise<string> {
  const http = createServer(listener);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(async () => http.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/me`;
}

type Get = (authorization?: string) => Promise<Response>;

const frameworks: Readonly<Record<string, (verifier: Verifier) => Promise<Get>>> = {
  express: async (checks) => {
    const url = await listen(expressApp(checks));
    return (authorization) => fetch(url, { headers: authorization ? { authorization } : {} });
  },
  fastify: async (checks) => {
    const { app, listener } = await fastifyApp(checks);
    closing.push(() => app.close());
    const url = await listen(listener);
    return (authorization) => fetch(url, { headers: authorization ? { authorization } : {} });
  },
  hono: async (checks) => {
    const app = honoApp(checks);
    return async (authorization) =>
      app.request('/me', { headers: authorization ? { authorization } : {} });
  },
};

describe.each(Object.entries(frameworks))('%s', (_name, start) => {
  test('lets a request with a valid token through, with its claims', async () => {
    const get = await start(verifier);
    const response = await get(`Bearer ${person.accessToken}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ userId: person.userId, methods: ['email'] });
  });

  test.each([
    [undefined, 'Bearer'],
    ['Bearer x', 'Bearer error="invalid_token"'],
    ['Basic YTpi', 'Bearer error="invalid_token"'],
  ])('answers 401 to %s', async (authorization, challenge) => {
    const get = await start(verifier);
    const response = await get(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(await response.text()).not.toContain(person.userId);
  });

  test('answers 503, not 401, while the keys cannot be read', async () => {
    const get = await start(keysAway);
    const response = await get(`Bearer ${person.accessToken}`);
    expect(response.status).toBe(503);
  });
});

describe('graphql-yoga', () => {
  const ask = async (checks: Verifier, query: string, token?: string) => {
    const response = await yogaApp(checks).fetch('http://api.test/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: await response.json() };
  };

  test('lets fields decide: everybody reads open fields, and a person reads their own', async () => {
    const open = await ask(verifier, '{ greeting }');
    expect(open.body).toEqual({ data: { greeting: 'Hello, whoever you are.' } });
    const mine = await ask(verifier, '{ greeting me }', person.accessToken);
    expect(mine.body).toEqual({
      data: { greeting: `Hello, ${person.userId}.`, me: person.userId },
    });
  });

  test('rejects with the code on which clients refresh', async () => {
    for (const token of [undefined, 'x', `${person.accessToken}x`]) {
      const { body } = await ask(verifier, '{ me }', token);
      expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
  });

  test('answers 503 while the keys cannot be read', async () => {
    const { status, body } = await ask(keysAway, '{ greeting }', person.accessToken);
    expect(status).toBe(503);
    expect(body.errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE');
    expect((await ask(keysAway, '{ greeting }')).status).toBe(200);
  });
});
