import { beforeEach, describe, expect } from 'vitest';
import { login, viewer } from '../../client/src/generated/operations.ts';
import { CSRF_HEADER, createSession, createTransport, match } from '../../client/src/index.ts';
import { createAuthHandler, readSession, type ServerOptions } from '../../client/src/server.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';

const APP = 'https://app.example.com';
const REFRESH_COOKIE = '__Host-latchkey_refresh';
const ACCESS_COOKIE = '__Host-latchkey_access';

let person: Person;
let options: ServerOptions;
let seenAddress: string | null = null;
const test = testWithServer({ env: { REFRESH_COOKIE: 'true', APP_URL: APP } });
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
  options = {
    endpoint: `${server.app.deps.config.publicUrl}/graphql`,
    addressOf: () => '203.0.113.7',
    fetch: (input, init) => {
      const request = new Request(input, init);
      seenAddress = request.headers.get('x-forwarded-for');
      expect(request.headers.get('cookie') ?? '').not.toMatch(/theme|latchkey_access/);
      expect(request.headers.get('sec-fetch-site')).toBe('same-origin');
      return server.app.fetch(request, { remoteAddress: '127.0.0.1' });
    },
  };
});

/** A browser's cookies for the frontend's origin, including HttpOnly ones. */
function createJar() {
  const cookies = new Map<string, string>([['theme', 'dark']]);
  const store = (lines: readonly string[]) => {
    for (const line of lines) {
      expect(line).toMatch(/^__Host-/);
      const site = line.startsWith(ACCESS_COOKIE) ? 'SameSite=Lax' : 'SameSite=Strict';
      for (const attribute of ['Secure', 'HttpOnly', 'Path=/', site]) {
        expect(line).toContain(attribute);
      }
      expect(line).not.toContain('Domain');
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
  };
  return { cookies, store, header: () => [...cookies].map((pair) => pair.join('=')).join('; ') };
}

/** A page of the frontend: its fetch is the browser's, its server the handler. */
function createPage(jar = createJar()) {
  const handle = createAuthHandler(options);
  const requests: Request[] = [];
  const transport = createTransport({
    endpoint: `${APP}/api/auth`,
    cookie: true,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set('cookie', jar.header());
      request.headers.set('origin', APP);
      request.headers.set('sec-fetch-site', 'same-origin');
      requests.push(request.clone());
      const response = await handle(request);
      jar.store(response.headers.getSetCookie());
      return response;
    },
  });
  const session = createSession({ transport, storage: 'cookie', locks: null, channel: null });
  const pageRequest = () => new Request(`${APP}/orders`, { headers: { cookie: jar.header() } });
  return { jar, requests, session, transport, pageRequest };
}

/** Ends every session of the person, from another device. */
async function revokeAll(server: TestServer) {
  const { email, password } = person;
  const { data } = await server.graphql(login, { input: { email, password } });
  const token = data.login.accessToken;
  await server.graphql('mutation { revokeOtherSessions { __typename } }', {}, { token });
}

async function signedInPage() {
  const page = createPage();
  const { email, password } = person;
  const result = await page.session.execute(login, { input: { email, password } });
  match(result, {
    SignedIn: (signedIn) => {
      expect(signedIn.refreshToken).toBeNull();
      page.session.signIn(signedIn);
    },
    EmailVerificationRequired: () => expect.unreachable(),
    MfaRequired: () => expect.unreachable(),
    Error: () => expect.unreachable(),
  });
  return page;
}

describe('RR-12, cookie mode through a route handler', () => {
  test('a sign-in sets first-party cookies, and a reload finds the session by them', async () => {
    const page = await signedInPage();
    expect([...page.jar.cookies.keys()]).toEqual(
      expect.arrayContaining([ACCESS_COOKIE, REFRESH_COOKIE]),
    );
    const reloaded = createPage(page.jar).session;
    expect(reloaded.state().status).toBe('starting');
    expect(await reloaded.getAccessToken()).not.toBeNull();
    expect(await reloaded.execute(viewer)).toMatchObject({ user: { id: person.userId } });
    expect(seenAddress).toBe('203.0.113.7');
  });

  test('a visitor without a cookie is signed out and was never signed in', async () => {
    const { session } = createPage();
    expect(await session.getAccessToken()).toBeNull();
    expect(session.state()).toEqual({ status: 'signed-out', because: 'never' });
  });

  test('signing out removes both cookies and ends the session', async ({ server }) => {
    const { session, jar } = await signedInPage();
    const token = jar.cookies.get(ACCESS_COOKIE);
    expect(await session.signOut()).toEqual({ revoked: true });
    expect(jar.cookies.has(ACCESS_COOKIE)).toBe(false);
    expect(jar.cookies.has(REFRESH_COOKIE)).toBe(false);
    const { data } = await server.graphql(viewer, {}, { token });
    expect(data.viewer).toBeNull();
  });

  test('100 concurrent refreshes in two tabs with one cookie: 0 sign-outs', async () => {
    const page = await signedInPage();
    const other = createPage(page.jar).session;
    for (let round = 0; round < 5; round += 1) {
      const tokens = await Promise.all(
        [page.session, other].flatMap((tab) => Array.from({ length: 100 }, () => tab.refresh())),
      );
      expect(tokens).not.toContain(null);
    }
  });
});

describe('a page rendered on the server', () => {
  test('finds the access token without a request, and refreshes an expired one', async ({
    server,
  }) => {
    const { jar, pageRequest } = await signedInPage();
    const first = await readSession(pageRequest(), options);
    expect(first).toEqual({ accessToken: jar.cookies.get(ACCESS_COOKIE), setCookie: [] });

    jar.cookies.delete(ACCESS_COOKIE);
    const before = jar.cookies.get(REFRESH_COOKIE);
    const parallel = await Promise.all([1, 2, 3].map(() => readSession(pageRequest(), options)));
    for (const { accessToken, setCookie } of parallel) {
      expect(accessToken).toEqual(expect.any(String));
      jar.store(setCookie);
    }
    expect(jar.cookies.get(REFRESH_COOKIE)).not.toBe(before);
    const [one, ...others] = parallel.map(({ setCookie }) => setCookie[0]?.split(';')[0]);
    expect(others).toEqual([one, one]);
    const token = parallel[0]?.accessToken ?? '';
    const { data } = await server.graphql(viewer, {}, { token });
    expect(data.viewer.user.id).toBe(person.userId);
  });

  test('is rendered as signed out without cookies, and with invalid ones', async () => {
    const visitor = createPage();
    expect(await readSession(visitor.pageRequest(), options)).toEqual({
      accessToken: null,
      setCookie: [],
    });
    visitor.jar.cookies.set(REFRESH_COOKIE, `lkr_${'A'.repeat(86)}`);
    expect((await readSession(visitor.pageRequest(), options)).accessToken).toBeNull();
  });

  test('P-5: the response that reports a revoked session removes its cookies: one request, then none', async ({
    server,
  }) => {
    const { jar, pageRequest } = await signedInPage();
    await revokeAll(server);
    jar.cookies.delete(ACCESS_COOKIE);
    const { accessToken, setCookie } = await readSession(pageRequest(), options);
    expect(accessToken).toBeNull();
    jar.store(setCookie);
    expect([...jar.cookies.keys()]).not.toContain(REFRESH_COOKIE);
    const noCall = { ...options, fetch: async () => expect.unreachable() };
    expect(await readSession(pageRequest(), noCall)).toEqual({ accessToken: null, setCookie: [] });
  });

  test('P-5: the handler removes a rejected access cookie, and the page learns that the session has ended', async ({
    server,
  }) => {
    const { jar, session } = await signedInPage();
    await revokeAll(server);
    expect(await session.execute(viewer)).toBeNull();
    expect(session.state()).toEqual({ status: 'signed-out', because: 'ended' });
    expect([...jar.cookies.keys()].sort()).toEqual(['__Host-latchkey_device', 'theme']);
  });

  test('a page that hits a rate limit is rendered as signed out and keeps its cookies', async () => {
    const { jar, pageRequest } = await signedInPage();
    jar.cookies.delete(ACCESS_COOKIE);
    const data = { refreshToken: { __typename: 'RateLimitedError', retryAfterSeconds: 9 } };
    const busy = { ...options, fetch: async () => Response.json({ data }) };
    expect(await readSession(pageRequest(), busy)).toEqual({ accessToken: null, setCookie: [] });
  });

  test('reports that Latchkey is unreachable, which does not sign out', async () => {
    const { jar, pageRequest } = await signedInPage();
    jar.cookies.delete(ACCESS_COOKIE);
    const away = { ...options, fetch: async () => new Response('Bad gateway', { status: 502 }) };
    await expect(readSession(pageRequest(), away)).rejects.toThrow('502');
  });
});

describe('HT-2: requests that another site can make a browser send', () => {
  const good = {
    'content-type': 'application/json',
    [CSRF_HEADER]: '1',
    origin: APP,
    'sec-fetch-site': 'same-origin',
  };
  let asked = 0;
  beforeEach(() => {
    asked = 0;
  });
  const send = (headers: Readonly<Record<string, string | null>>, method = 'POST') => {
    const handle = createAuthHandler({
      ...options,
      fetch: async () => {
        asked += 1;
        return Response.json({ data: {} });
      },
    });
    const merged = new Headers();
    for (const [name, value] of Object.entries({ ...good, ...headers })) {
      if (value !== null) merged.set(name, value);
    }
    const body = method === 'POST' ? '{}' : null;
    return handle(new Request(`${APP}/api/auth`, { method, headers: merged, body }));
  };

  test('the page itself is served', async () => {
    expect((await send({})).status).toBe(200);
    expect(asked).toBe(1);
  });

  test.each<[string, Readonly<Record<string, string | null>>, number]>([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form with files', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['a form of plain text', { 'content-type': 'text/plain' }, 415],
    ['a beacon without a type', { 'content-type': null }, 415],
    ['a fetch without the header', { [CSRF_HEADER]: null }, 403],
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, 403],
    [
      'another site, as an old browser reports',
      { origin: 'https://evil.test', 'sec-fetch-site': null },
      403,
    ],
    [
      'a sibling subdomain',
      { origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' },
      403,
    ],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': null }, 403],
    ['a look-alike', { origin: `${APP}.evil.test`, 'sec-fetch-site': null }, 403],
    ['a sibling that hides its origin', { origin: null, 'sec-fetch-site': 'same-site' }, 403],
    ['another site that hides its origin', { origin: null, 'sec-fetch-site': 'cross-site' }, 403],
    ['who does not say where from', { origin: null, 'sec-fetch-site': null }, 403],
  ])('%s is refused, and Latchkey not asked', async (_who, headers, status) => {
    expect((await send(headers)).status).toBe(status);
    expect(asked).toBe(0);
  });

  test('a GET is rejected, and so is a body that no operation needs', async () => {
    expect((await send({}, 'GET')).status).toBe(405);
    const handle = createAuthHandler(options);
    const body = JSON.stringify({ query: ' '.repeat(70_000) });
    const request = new Request(`${APP}/api/auth`, { method: 'POST', headers: good, body });
    expect((await handle(request)).status).toBe(413);
    expect(asked).toBe(0);
  });

  test('an endless body is read no further than an operation needs', async () => {
    let bytes = 0;
    const body = new ReadableStream({
      pull(controller) {
        bytes += 16_384;
        if (bytes > 2 ** 24) controller.error(new Error('read on'));
        else controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    const request = new Request(`${APP}/api/auth`, {
      method: 'POST',
      headers: good,
      body,
      duplex: 'half',
    } as RequestInit);
    expect((await createAuthHandler(options)(request)).status).toBe(413);
    expect(bytes).toBeLessThan(4 * 65_536);
    expect(asked).toBe(0);
  });

  test('text beyond ASCII arrives unchanged, however it is cut, and a request without a body is signed out', async () => {
    const text = JSON.stringify({
      query: '{ viewer { __typename } }',
      operationName: null,
      extensions: { note: 'é€😀' },
    });
    const bytes = new TextEncoder().encode(text);
    let sent: unknown = null;
    const handle = createAuthHandler({
      ...options,
      fetch: (_input, init) => {
        sent = init?.body;
        return Promise.resolve(new Response('{}'));
      },
    });
    const body = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: good, duplex: 'half' } as RequestInit;
    await handle(new Request(`${APP}/api/auth`, { ...init, body }));
    expect(sent).toBe(text);
    await handle(new Request(`${APP}/api/auth`, init));
    expect(sent).toBe('');
  });
});
