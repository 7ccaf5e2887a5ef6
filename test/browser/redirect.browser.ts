import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './support/chromium.ts';
import { type ClientPage, serveClientPage } from './support/client-page.ts';
import { tabsOf } from './support/tabs.ts';

/** What a gateway that was taken over could do: answer sign-ins with a redirect to another origin. */

const ACCOUNT = { email: 'ada@example.com', password: 'correct horse battery staple' };
/** Both servers let every page read them, as an attacker's server would. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
};

let site: ClientPage;
let browser: Browser;
let evil: Server;
let honest: Server;
const reached: string[] = [];

beforeAll(async () => {
  evil = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.writeHead(200, { ...CORS, 'content-type': 'application/json' }).end('{"data":{}}');
  });
  honest = createServer((request, response) => {
    request.resume();
    if (request.method === 'OPTIONS') return void response.writeHead(204, CORS).end();
    response.writeHead(307, { ...CORS, location: `${urlOf(evil)}/graphql` }).end();
  });
  for (const server of [evil, honest]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  site = await serveClientPage();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  site.close();
  evil.close();
  honest.close();
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('HT-9: a 307 to another origin gets no request from Chromium, and so no password', async () => {
  const endpoint = `${urlOf(honest)}/graphql`;
  const context = await browser.newContext();
  const page = await tabsOf(context, { page: site.url, endpoint, keeping: 'memory' }).open();
  const failure = await page.evaluate(
    (account) =>
      tab.signIn(account).then(
        () => 'signed in',
        (error: Error) => `${error.name}: ${(error.cause as Error | undefined)?.message}`,
      ),
    ACCOUNT,
  );
  expect(failure).toBe(
    'UnreachableError: The server answered with a redirect, which is not followed.',
  );
  expect(reached).toEqual([]);
});
