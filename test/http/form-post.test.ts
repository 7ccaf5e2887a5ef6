import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeClock } from '../support/clock.ts';
import { type FakeProviders, startFakeProviders } from '../support/fake-providers.ts';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { begin, redirectUriOf } from '../support/oauth.ts';

/** AP-1: the answer that Apple's page makes a browser post, over real sockets. */

const PATH = '/oauth/form-post/apple';
const clock = createFakeClock();
let fakes: FakeProviders;
let server: ListeningServer;
beforeAll(async () => {
  fakes = await startFakeProviders(clock);
  const env = { OAUTH_PROVIDERS: JSON.stringify(fakes.settings('apple')) };
  server = await startListening({ clock, env, providerFetch: fakes.fetch });
});
afterAll(async () => {
  await server.close();
  fakes.close();
});

/** What the browser sends from https://appleid.apple.com, with every cookie that it would send. */
function request(body: string, more = ''): string {
  const head = [
    `POST ${PATH} HTTP/1.1`,
    'host: localhost:4000',
    'origin: https://appleid.apple.com',
    'sec-fetch-site: cross-site',
    'sec-fetch-mode: navigate',
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n${more}\r\n${body}`;
}

async function posted(): Promise<string> {
  const { authorizationUrl } = await begin(server, { provider: 'apple' });
  const { form } = await fakes.all.apple.visit(authorizationUrl);
  return String(form);
}

test('AP-1: a posted answer is redirected with 303, without cookies and without CORS', async () => {
  const answer = await server.raw(request(await posted()));
  expect(answer).toMatch(/^HTTP\/1\.1 303 /);
  expect(answer).toContain(`location: ${redirectUriOf('apple')}?code=`);
  expect(answer).toContain('referrer-policy: no-referrer');
  expect(answer).toContain('cache-control: no-store');
  expect(answer).not.toMatch(/set-cookie|access-control-allow-origin/i);
  const refused = server.logged.filter(({ message }) => message === 'cross-origin page refused');
  expect(refused, 'Apple’s page is no page that CORS_ORIGINS lacks').toEqual([]);
});

test('AP-1: a form in chunks is read as well', async () => {
  const form = await posted();
  const head = request('').replace('content-length: 0', 'transfer-encoding: chunked');
  const chunks = `${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`;
  expect(await server.raw(head + chunks)).toMatch(/^HTTP\/1\.1 303 /);
});

test('AP-1: a form beyond 64 kB is not read', async () => {
  const answer = await server.raw(request(`${await posted()}&user=${'x'.repeat(70_000)}`));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('AP-1: a form that belongs to no flow gets a fixed page with a policy for pages', async () => {
  const answer = await server.raw(request('state=x&code=%3Cscript%3E'));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('content-type: text/html; charset=utf-8');
  expect(answer).toContain("content-security-policy: default-src 'none'; frame-ancestors 'none'");
  expect(answer).not.toContain('<script>');
});
