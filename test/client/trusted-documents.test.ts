import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as operations from '../../client/src/generated/operations.ts';
import { createSession, FaultError } from '../../client/src/index.ts';
import { createAuthHandler, readSession } from '../../client/src/server.ts';
import { signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createBrowser } from './browser.ts';

const LIST = fileURLToPath(new URL('../../client/operations.json', import.meta.url));
const APP = 'https://app.example.com';

const documents: Readonly<Record<string, string>> = JSON.parse(readFileSync(LIST, 'utf8'));
let open: TestServer;
let strict: TestServer;
beforeAll(async () => {
  const env = { REFRESH_COOKIE: 'true', APP_URL: APP };
  open = await startTestServer({ env });
  strict = await startTestServer({ env: { ...env, TRUSTED_DOCUMENTS: LIST } });
});
afterAll(() => Promise.all([open, strict].map((server) => server.close())));

test('P-3: the exported list has every operation and every document of the session, by SHA-256', () => {
  for (const [hash, document] of Object.entries(documents)) {
    expect(createHash('sha256').update(document).digest('hex')).toBe(hash);
  }
  for (const operation of Object.values(operations)) {
    const [, hash = '', document] = /^#(\w{64})\n(.+)$/.exec(operation) ?? [];
    expect(documents[hash]).toBe(document);
  }
  expect(Object.keys(documents)).toHaveLength(Object.keys(operations).length + 3);
});

test('P-3, GQ-13: with TRUSTED_DOCUMENTS the client registers, signs in, refreshes, signs out, and sends nothing else', async () => {
  const password = 'correct horse battery staple';
  const email = 'trusted@example.com';
  const browser = createBrowser(strict, { storage: 'cookie' });
  const tab = browser.open();
  const asked = await tab.execute(operations.register, { input: { email, password } });
  if (asked.__typename !== 'EmailVerificationRequired') expect.fail(asked.__typename);
  const { code } = await strict.mailTo(email);
  const input = { proof: { code: { email, code } }, registrationToken: asked.registrationToken };
  const verified = await tab.execute(operations.verifyEmail, { input });
  if (verified.__typename !== 'SignedIn') expect.fail(verified.__typename);
  tab.signIn(verified);
  const first = await tab.getAccessToken();
  expect(await tab.refresh()).not.toBe(first);
  expect(await tab.execute(operations.viewer)).toMatchObject({ user: { email } });
  expect(await tab.signOut()).toEqual({ revoked: true });
  const { data } = await browser.transport({ query: operations.viewer });
  expect(data?.['viewer']).toBeNull();

  // A text that is not in the list is rejected, even with the hash of another document before it.
  const own = 'query Mine { viewer { user { id } } }' as typeof operations.viewer;
  await expect(tab.execute(own)).rejects.toThrow(FaultError);
  await expect(tab.execute(own)).rejects.toMatchObject({ code: 'PERSISTED_QUERY_ONLY' });
});

test.each(['open', 'strict'])('P-3: the helper on a frontend’s server works: %s', async (which) => {
  const server = which === 'strict' ? strict : open;
  const options = {
    endpoint: `${server.app.deps.config.publicUrl}/graphql`,
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      server.app.fetch(new Request(input, init), { remoteAddress: '127.0.0.1' }),
  };
  const { email, password } = await personOn(server);
  const handle = createAuthHandler(options);
  let cookie = '';
  const session = createSession({
    storage: 'cookie',
    transport: async ({ query, variables }) => {
      const [, hash = '', text = ''] = /^#(\w{64})\n(.+)$/.exec(query) ?? [];
      const response = await handle(
        new Request(`${APP}/api/auth`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-latchkey-csrf': '1',
            origin: APP,
            cookie,
          },
          body: JSON.stringify({
            query: text,
            variables,
            extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
          }),
        }),
      );
      const lines = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
      if (lines.length > 0) cookie = lines.join('; ');
      return await response.json();
    },
  });
  const result = await session.execute(operations.login, { input: { email, password } });
  expect(result.__typename).toBe('SignedIn');
  const withoutAccess = cookie.replace(/__Host-latchkey_access=[^;]+;? ?/, '');
  const page = new Request(`${APP}/orders`, { headers: { cookie: withoutAccess } });
  expect((await readSession(page, options)).accessToken).toEqual(expect.any(String));
});

/** A person with a password. `signUp` writes documents of its own, which a list would reject. */
async function personOn(server: TestServer) {
  if (server === open) return await signUp(server);
  const email = 'helper@example.com';
  const password = 'correct horse battery staple';
  const tab = createBrowser(server, { storage: 'cookie' }).open();
  const asked = await tab.execute(operations.register, { input: { email, password } });
  if (asked.__typename !== 'EmailVerificationRequired') expect.fail(asked.__typename);
  const { code } = await server.mailTo(email);
  const input = { proof: { code: { email, code } }, registrationToken: asked.registrationToken };
  await tab.execute(operations.verifyEmail, { input });
  return { email, password };
}
