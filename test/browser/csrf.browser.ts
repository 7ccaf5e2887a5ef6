import { createServer, type Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { launchChromium } from './support/chromium.ts';

/**
 * HT-2, in a real browser: cookie mode, a person signed in, and a hostile page open beside it. Once
 * on another site, and once on the very same site (another port of localhost), where SameSite=Strict
 * does send the cookie along and only our own rules are left.
 */

let server: ListeningServer;
let browser: Browser;
let context: BrowserContext;
let app: Origin;
let sameSite: Origin;
let crossSite: Origin;
let api: string;

type Origin = { readonly url: string; readonly server: Server };

/** An origin with an empty page: whatever runs there is the test's. */
async function serveEmptyPage(host: string): Promise<Origin> {
  const http = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><body></body>');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://${host}:${port}`, server: http };
}

beforeAll(async () => {
  [app, sameSite, crossSite] = await Promise.all([
    serveEmptyPage('localhost'),
    serveEmptyPage('localhost'),
    serveEmptyPage('127.0.0.1'),
  ]);
  server = await startListening({ env: { REFRESH_COOKIE: 'true', CORS_ORIGINS: app.url } });
  api = `http://localhost:${server.port}/graphql`;
});
afterAll(async () => {
  for (const { server: http } of [app, sameSite, crossSite]) http.close();
  await server.close();
});

beforeEach(async () => {
  browser = await launchChromium();
  context = await browser.newContext();
});
afterEach(() => browser.close());

const REFRESH = 'mutation { refreshToken { __typename } }';

/** What an attack could have changed: every session and everything that was ever recorded. */
async function state(): Promise<string> {
  const sql = postgres(server.database.url, { max: 1 });
  const rows = await sql`select
    (select string_agg(encode(refresh_hash, 'hex') || coalesce(revoked_at::text, ''), ',' order by id)
      from sessions) as sessions,
    (select count(*)::int from audit_events) as events, (select count(*)::int from users) as users`;
  await sql.end();
  return JSON.stringify(rows);
}

/** A request as the app's own page makes it. */
const fromApp = (page: Page, query: string, variables?: object) =>
  page.evaluate(
    async ([url, body]) => {
      const response = await fetch(url, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json', 'x-latchkey-csrf': '1' },
        body,
      });
      return await response.json();
    },
    [api, JSON.stringify({ query, variables })] as const,
  );

async function signedInPerson(): Promise<Page> {
  const { email } = await signUp(server);
  const page = await context.newPage();
  await page.goto(app.url);
  const login = await fromApp(page, LOGIN, { input: { email, password: PASSWORD } });
  expect(login.data.login.__typename).toBe('SignedIn');
  const cookies = await context.cookies(api);
  expect(cookies.map(({ name }) => name)).toContain('__Host-latchkey_refresh');
  return page;
}

const json = JSON.stringify({ query: REFRESH });

/** Each runs in the hostile page; true when it could read an answer. */
const attacks: Record<string, (page: Page) => Promise<boolean>> = {
  'a form, urlencoded': (page) =>
    submit(page, 'application/x-www-form-urlencoded', 'query', REFRESH),
  'a form, multipart': (page) => submit(page, 'multipart/form-data', 'operations', json),
  'a form, text/plain shaped as JSON': (page) =>
    submit(page, 'text/plain', '{"query":"mutation { refreshToken { __typename } }","x":"', '"}'),
  'fetch, no-cors, text/plain': (page) => tryFetch(page, { mode: 'no-cors', type: 'text/plain' }),
  'fetch, no-cors, JSON': (page) => tryFetch(page, { mode: 'no-cors', type: 'application/json' }),
  'fetch, no-cors, form': (page) =>
    tryFetch(page, { mode: 'no-cors', type: 'application/x-www-form-urlencoded' }),
  'fetch, cors, JSON': (page) => tryFetch(page, { mode: 'cors', type: 'application/json' }),
  'fetch, cors, JSON, with our header': (page) =>
    tryFetch(page, { mode: 'cors', type: 'application/json', csrf: true }),
  'a beacon': (page) =>
    page.evaluate(
      ([url, body]) => {
        navigator.sendBeacon(url, new Blob([body], { type: 'text/plain' }));
        return false;
      },
      [api, json] as const,
    ),
  'an image': (page) =>
    page.evaluate(
      ([url, query]) =>
        new Promise<boolean>((resolve) => {
          const image = new Image();
          image.onload = () => resolve(true);
          image.onerror = () => resolve(false);
          image.src = `${url}?query=${encodeURIComponent(query)}`;
        }),
      [api, REFRESH] as const,
    ),
  'a top-level navigation': async (page) => {
    const left = page.waitForURL(/graphql/);
    await page.evaluate(
      ([url, query]) => {
        location.href = `${url}?query=${encodeURIComponent(query)}`;
      },
      [api, REFRESH] as const,
    );
    await left;
    return false;
  },
};

async function submit(page: Page, type: string, name: string, value: string): Promise<boolean> {
  const left = page.waitForURL(/graphql/);
  await page.evaluate(
    ([url, enctype, field, text]) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = url;
      form.enctype = enctype;
      const input = document.createElement('input');
      input.name = field;
      input.value = text;
      form.append(input);
      document.body.append(form);
      form.submit();
    },
    [api, type, name, value] as const,
  );
  await left;
  return false;
}

function tryFetch(
  page: Page,
  how: { readonly mode: RequestMode; readonly type: string; readonly csrf?: boolean },
): Promise<boolean> {
  return page.evaluate(
    async ([url, body, mode, type, csrf]) => {
      try {
        const response = await fetch(url, {
          method: 'POST',
          mode,
          credentials: 'include',
          headers: { 'content-type': type, ...(csrf && { 'x-latchkey-csrf': '1' }) },
          body,
        });
        return (await response.text()).length > 0;
      } catch {
        return false;
      }
    },
    [api, json, how.mode, how.type, how.csrf ?? false] as const,
  );
}

for (const site of ['another site', 'the same site'] as const) {
  test(`HT-2: ${Object.keys(attacks).length} attacks from ${site}: none has an effect, none reads an answer`, async () => {
    const own = await signedInPerson();
    let effects = 0;
    let read = 0;
    for (const [name, attack] of Object.entries(attacks)) {
      const before = await state();
      const page = await context.newPage();
      await page.goto(site === 'another site' ? crossSite.url : sameSite.url);
      if (await attack(page)) read += 1;
      await page.close();
      if ((await state()) !== before) {
        effects += 1;
        process.stdout.write(`HT-2: ${name} had an effect\n`);
      }
    }
    process.stdout.write(`HT-2: from ${site}: ${effects} effects, ${read} answers read\n`);
    expect([effects, read]).toEqual([0, 0]);
    // The positive control: the app's own page, with the same cookie, rotates the session.
    const before = await state();
    expect((await fromApp(own, REFRESH)).data.refreshToken.__typename).toBe('SignedIn');
    expect(await state()).not.toBe(before);
  });
}
