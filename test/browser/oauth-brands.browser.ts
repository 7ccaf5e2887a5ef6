import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { PRESET_NAMES } from '../../src/settings/oauth-presets.ts';
import { arriveAt, press } from './support/acts.ts';
import { look } from './support/looks.ts';
import { useSite } from './support/site.ts';

/** Every brand, and a provider without one that proves no address. */

const NAMES = ['Google', 'GitHub', 'Apple', 'Microsoft', 'GitLab', 'Discord', 'Facebook'];
NAMES.push('LinkedIn', 'Slack', 'Twitch', 'X', 'Acme');

let acme: Server;
const site = useSite({
  env: async () => {
    acme = await startAcme();
    return {
      GOOGLE_CLIENT_ID: 'client',
      GOOGLE_CLIENT_SECRET: 'secret of the client',
      OAUTH_PROVIDERS: JSON.stringify([...PRESET_NAMES.map(presetOf), settingOf(acme)]),
    };
  },
});
afterAll(() => acme.close());

const key = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const presetOf = (preset: string) =>
  preset === 'apple'
    ? { preset, clientId: 'c', teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey: key() }
    : { preset, clientId: 'client', clientSecret: 'secret of the client' };

/** A provider that agrees at once, and says nothing about the address. */
async function startAcme(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://acme');
    if (pathname === '/authorize') {
      const answer = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' });
      const location = `${searchParams.get('redirect_uri')}?${answer}`;
      response.writeHead(302, { location }).end();
      return;
    }
    const body = pathname === '/token' ? { access_token: 't' } : { id: '1', mail: 'a@example.com' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function settingOf(server: Server): object {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    id: 'acme',
    name: 'Acme',
    issuer: origin,
    clientId: 'client',
    clientSecret: 'secret of the client',
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    userinfoEndpoint: `${origin}/me`,
    profile: { subject: '/id', email: '/mail' },
  };
}

test('many providers stand side by side, each with its mark and a name that says what it does', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  for (const name of NAMES) {
    const button = page.getByRole('button', { name: `Continue with ${name}`, exact: true });
    await button.waitFor();
    const isLetter = name === 'Acme';
    expect(await button.locator('svg.lk-mark').count()).toBe(isLetter ? 0 : 1);
    expect(await button.locator('.lk-letter').count()).toBe(isLetter ? 1 : 0);
    expect(await button.innerText()).toBe(name);
  }
  expect(await look(page, 'sign-in-twelve-providers')).toEqual([]);
});

test('three providers stand below each other and say what they do', async () => {
  const page = await site.visit();
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const settings = answer.data?.authSettings;
    if (settings) settings.oauthProviders = settings.oauthProviders.slice(0, 3);
    await route.fulfill({ response, json: answer });
  });
  await page.goto('/sign-in');
  await page.getByText('Continue with GitHub').waitFor();
  expect(await page.getByRole('button', { name: /^Continue with/ }).count()).toBe(3);
  expect(await look(page, 'sign-in-three-providers')).toEqual([]);
});

test('O2-2: a provider that proves no address leads to the sign-up, in words and without an alert', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  await press(page, 'Continue with Acme');
  await arriveAt(page, 'Create an account with your email address first');
  await page.getByText('Acme did not give us a verified email address').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await look(page, 'oauth-address-missing')).toEqual([]);
  await page.getByRole('link', { name: 'I already have an account' }).waitFor();
  await page.getByRole('link', { name: 'Create account with your email address' }).click();
  await page.waitForURL('**/sign-up');
});
