import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessionFetch } from '../../client/src/fetch.ts';
import { viewer } from '../../client/src/generated/operations.ts';
import type { Session } from '../../client/src/index.ts';
import { type Ask, withApollo, withUrql } from '../../client/test/clients.ts';
import { createFakeClock } from '../support/clock.ts';
import { signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createBrowser, signInWith } from './browser.ts';

const VIEWER = 'query Me { viewer { user { id } } }';
const LOGOUT = 'mutation Out { logout { __typename } }';
const LATER = 14 * 60_000 + 30_000;

const clock = createFakeClock();
let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer({ clock });
  url = `${server.app.deps.config.publicUrl}/graphql`;
});
afterAll(() => server.close());

const send: typeof globalThis.fetch = (input, init) =>
  server.app.fetch(new Request(input, init), { remoteAddress: '127.0.0.1' });

/** The session's own `execute` and plain fetch, as two more clients. */
function withFetch(session: Session): Ask {
  const fetch = createSessionFetch(session, { origins: [url], fetch: send });
  return async (query) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()).data;
  };
}
const withExecute =
  (session: Session): Ask =>
  async (document) => {
    const field = document.includes('viewer') ? 'viewer' : 'logout';
    return { [field]: await session.execute(document, undefined) };
  };

const clients: Readonly<Record<string, (session: Session, fetch?: typeof send) => Ask>> = {
  urql: (session, fetch = send) => withUrql(session, url, fetch),
  'Apollo Client': (session, fetch = send) => withApollo(session, url, fetch),
  execute: withExecute,
};
const allClients = { ...clients, fetch: withFetch };

async function openTab() {
  const person = await signUp(server);
  const browser = createBrowser(server);
  const tab = browser.open();
  const advance = (milliseconds: number) => {
    clock.advance(milliseconds);
    browser.clock.advance(milliseconds);
  };
  return { ...browser, tab, person, advance };
}

describe.each(Object.entries(allClients))('%s', (_name, connect) => {
  test('sends requests signed out, signed in, and signed out again', async () => {
    const { tab, transport, person } = await openTab();
    const ask = connect(tab);
    expect(await ask(VIEWER)).toMatchObject({ viewer: null });
    await signInWith(tab, transport, person);
    expect(await ask(VIEWER)).toMatchObject({ viewer: { user: { id: person.userId } } });
    await tab.signOut();
    expect(await ask(VIEWER)).toMatchObject({ viewer: null });
  });

  test('refreshes once for concurrent operations, before the token expires', async () => {
    const { tab, transport, person, network, advance } = await openTab();
    const ask = connect(tab);
    await signInWith(tab, transport, person);
    advance(LATER);
    const documents = [1, 2, 3, 4, 5].map((n) => VIEWER.replace('Me', `Me${n}`));
    const answers = await Promise.all(documents.map((document) => ask(document)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ viewer: { user: { id: person.userId } } });
    }
    expect(network.refreshes).toBe(1);
  });
});

describe.each(Object.entries(clients))('%s, session revoked', (_name, connect) => {
  test.each([
    ['a query', VIEWER, { viewer: null }],
    ['a mutation', LOGOUT, { logout: { __typename: 'NotAuthenticatedError' } }],
  ])(
    '%s gets its own result, and every listener is notified',
    async (_kind, document, expected) => {
      const { tab, transport, person, network } = await openTab();
      await signInWith(tab, transport, person);
      const device = await signIn(server, person);
      await server.graphql('mutation { revokeOtherSessions { __typename } }', undefined, {
        token: device.accessToken,
      });
      expect(await connect(tab)(document)).toMatchObject(expected);
      expect(tab.state()).toEqual({ status: 'signed-out', because: 'ended' });
      expect(network.refreshes).toBe(1);
    },
  );

  test('a rejected token of an active session: the operation is sent again with a new token', async () => {
    const { tab, person, network } = await openTab();
    const { data } = await server.graphql(
      `mutation ($input: RefreshTokenInput) { refreshToken(input: $input) {
        ... on SignedIn { accessToken accessTokenExpiresAt refreshToken } } }`,
      { input: { refreshToken: person.refreshToken } },
    );
    const [head, claims] = data.refreshToken.accessToken.split('.');
    tab.signIn({ ...data.refreshToken, accessToken: `${head}.${claims}.${'A'.repeat(86)}` });
    expect(await connect(tab)(VIEWER)).toMatchObject({ viewer: { user: { id: person.userId } } });
    expect(network.refreshes).toBe(1);
  });
});

test.each(['urql', 'Apollo Client'])(
  '%s, on a server that rejects every token, passes its result on after one more attempt',
  async (name) => {
    const { tab, transport, person, network } = await openTab();
    await signInWith(tab, transport, person);
    let asked = 0;
    const ask = clients[name]?.(tab, (input, init) => {
      asked += 1;
      const headers = new Headers(init?.headers);
      headers.delete('authorization');
      return send(input, { ...init, headers });
    });
    expect(await ask?.(LOGOUT)).toMatchObject({ logout: { __typename: 'NotAuthenticatedError' } });
    expect(asked).toBe(2);
    expect(network.refreshes).toBe(1);
    expect(tab.state().status).toBe('signed-in');
  },
);

describe('fetch', () => {
  test('sends the token only to the named origins', async () => {
    const { tab, transport, person } = await openTab();
    await signInWith(tab, transport, person);
    const seen: (string | null)[] = [];
    const fetch = createSessionFetch(tab, {
      origins: ['https://api.example.com'],
      fetch: async (input, init) => {
        seen.push(new Request(input, init).headers.get('authorization'));
        return new Response();
      },
    });
    await fetch('https://api.example.com/orders');
    for (const other of [
      'https://api.example.com.evil.test/',
      'http://api.example.com/',
      'https://api.example.com:8443/',
    ]) {
      await fetch(other);
    }
    expect(seen).toEqual([`Bearer ${tab.peek()}`, null, null, null]);
  });

  test('after a 401 sends the request with its body once more with a new token', async () => {
    const { tab, transport, person } = await openTab();
    await signInWith(tab, transport, person);
    const first = tab.peek();
    const bodies: string[] = [];
    const fetch = createSessionFetch(tab, {
      origins: ['https://api.example.com'],
      fetch: async (input) => {
        const request = new Request(input);
        bodies.push(await request.text());
        const isOld = request.headers.get('authorization') === `Bearer ${first}`;
        return new Response(null, { status: isOld ? 401 : 200 });
      },
    });
    const response = await fetch('https://api.example.com/', { method: 'POST', body: 'order' });
    expect(response.status).toBe(200);
    expect(bodies).toEqual(['order', 'order']);
    expect(await tab.execute(viewer)).toMatchObject({ user: { id: person.userId } });
  });
});
