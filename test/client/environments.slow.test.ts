import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/**
 * The library in a realm with exactly the globals of an environment: a missing one is a ReferenceError. The
 * engines themselves run in test/environments.
 */

const SOURCE = fileURLToPath(new URL('../../client/src', import.meta.url));

/** What the React Native runtime adds to Hermes. */
const REACT_NATIVE = {
  fetch: 0,
  ...{ Headers, Request, Response, URL, AbortController, console, setTimeout, clearTimeout },
};

/** Built in, and missing in Hermes or in an insecure or older page. */
const ABSENT = ['Intl', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry'];

let server: TestServer;
let bundle: string;
beforeAll(async () => {
  server = await startTestServer();
  const entries = ['index', 'proofs', 'fetch', 'server', 'generated/operations'];
  const { outputFiles } = await build({
    stdin: {
      contents: entries.map((entry) => `export * from '${SOURCE}/${entry}.ts';`).join('\n'),
      resolveDir: SOURCE,
    },
    bundle: true,
    format: 'iife',
    globalName: 'latchkey',
    // A module of Node's would not resolve.
    platform: 'neutral',
    write: false,
  });
  bundle = outputFiles[0]?.text ?? '';
});
afterAll(() => server.close());

/** The whole library in a realm of its own. */
function inRealm(globals: object, absent: readonly string[]) {
  const realm = createContext({ ...globals });
  for (const name of absent) new Script(`delete globalThis.${name}`).runInContext(realm);
  new Script(bundle).runInContext(realm);
  const missing = ['crypto', 'DOMException', 'structuredClone', 'BroadcastChannel', 'navigator'];
  for (const name of [...missing, 'localStorage', 'ReadableStream', 'atob', 'process', 'Buffer']) {
    expect(new Script(`typeof ${name}`).runInContext(realm)).toBe('undefined');
  }
  return new Script('latchkey').runInContext(realm) as typeof import('../../client/src/index.ts') &
    typeof import('../../client/src/proofs.ts') &
    typeof import('../../client/src/fetch.ts') &
    typeof import('../../client/src/server.ts') &
    typeof import('../../client/src/generated/operations.ts');
}

const ask: typeof fetch = (input, init) =>
  server.app.fetch(new Request(input, init), { remoteAddress: '127.0.0.1' });

describe('P-1: like Hermes in React Native, without anything that Hermes does not have', () => {
  test('signs in, keeps the session in AsyncStorage over a restart, refreshes, signs out', async () => {
    const items = new Map<string, string>();
    const storage = {
      getItem: async (key: string) => items.get(key) ?? null,
      setItem: async (key: string, value: string) => void items.set(key, value),
      removeItem: async (key: string) => void items.delete(key),
    };
    const person = await signUp(server);
    const { email, password } = person;
    const latchkey = inRealm({ ...REACT_NATIVE, fetch: ask }, ABSENT);
    const endpoint = `${server.app.deps.config.publicUrl}/graphql`;
    const app = latchkey.createSession({ endpoint, storage });
    const outcome = await app.execute(latchkey.login, { input: { email, password } });
    if (outcome.__typename !== 'SignedIn') expect.fail(outcome.__typename);
    app.signIn(outcome);
    expect(app.state()).toMatchObject({ status: 'signed-in', userId: person.userId });
    const first = await app.getAccessToken();
    expect(await app.refresh()).not.toBe(first);
    const token = await app.getAccessToken();
    await until(() => items.get('latchkey')?.includes(token ?? '-'));
    app.close();

    const restarted = latchkey.createSession({ endpoint, storage });
    expect(await restarted.getAccessToken()).toBe(token);
    expect(await restarted.execute(latchkey.viewer)).toMatchObject({ user: { email } });
    const signed = latchkey.createSessionFetch(restarted, { origins: [endpoint], fetch: ask });
    const body = JSON.stringify({ query: '{ viewer { user { email } } }' });
    const headers = { 'content-type': 'application/json' };
    const response = await signed(endpoint, { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ data: { viewer: { user: { email } } } });
    expect(await restarted.signOut()).toEqual({ revoked: true });
    await until(() => !items.has('latchkey'));
  });

  test('a server that does not respond causes neither a crash nor a sign-out', async () => {
    let runTimers: (() => void)[] = [];
    const latchkey = inRealm({ ...REACT_NATIVE, fetch: () => new Promise(() => {}) }, ABSENT);
    let now = 0;
    const app = latchkey.createSession({
      endpoint: 'http://localhost/graphql',
      clock: {
        now: () => now,
        after: (_milliseconds, run) => {
          runTimers.push(run);
          return () => undefined;
        },
      },
    });
    app.signIn({ accessToken: 'one', accessTokenExpiresAt: new Date(60_000).toISOString() });
    now = 50_000;
    const refreshed = app.refresh().catch((error: Error) => error.name);
    let outcome: unknown = null;
    refreshed.then((name) => {
      outcome = name;
    });
    await until(() => {
      const due = runTimers;
      runTimers = [];
      for (const run of due) run();
      return outcome !== null;
    });
    expect(outcome).toBe('UnreachableError');
    expect(app.state()).toMatchObject({ status: 'signed-in', offline: true });
  });

  test('keeps the proofs from mails in memory if there is no storage', async () => {
    const latchkey = inRealm({ ...REACT_NATIVE, fetch: ask }, ABSENT);
    const registrations = latchkey.createRegistrations();
    const email = 'a@example.com';
    await registrations.ask(email, async () => ({
      __typename: 'EmailVerificationRequired',
      email,
      registrationToken: 'lkg_1',
    }));
    expect(registrations.tokenFor(email)).toBe('lkg_1');
  });
});

test('P-3: the helper on a frontend’s server needs no module and no global that Workers lack', async () => {
  const latchkey = inRealm({ ...REACT_NATIVE, fetch: ask }, []);
  const request = new Request('https://app.example.com/', {
    headers: { cookie: '__Host-latchkey_access=one' },
  });
  const options = { endpoint: 'http://localhost/graphql' };
  expect(await latchkey.readSession(request, options)).toEqual({
    accessToken: 'one',
    setCookie: [],
  });
  expect((await latchkey.createAuthHandler(options)(request)).status).toBe(405);
});
