import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { signUp } from '../../support/journeys.ts';
import {
  begin,
  complete,
  countRows,
  IDENTITIES,
  lastFailure,
  redirectUriOf,
  roundTrip,
  START,
  startServerWith,
  UNLINK,
} from '../../support/oauth.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type ForgingProvider,
  startForgingProvider,
} from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';

/** What real providers send, in the form of each kind (OA-3, OA-6, OA-13). */

const clock = createFakeClock();
const providers: Record<string, ForgingProvider> = {};
let server: TestServer;

const OPTIONS: Readonly<Record<string, object>> = {
  plain: {},
  text: { emailVerifiedAs: 'text' },
  edov: { emailVerifiedAs: 'xms_edov' },
  always: { emailVerifiedAs: 'always' },
  audiences: { trustedAudiences: ['project'] },
  post: { tokenAuth: 'post' },
  basic: { tokenAuth: 'basic' },
};

beforeAll(async () => {
  const settings: object[] = [];
  for (const [id, more] of Object.entries(OPTIONS)) {
    const provider = await startForgingProvider(clock);
    providers[id] = provider;
    settings.push(provider.setting(id, more));
  }
  server = await startServerWith(settings, { clock });
});
afterAll(async () => {
  await server.close();
  for (const provider of Object.values(providers)) await provider.close();
});

function providerOf(id: string): ForgingProvider {
  const provider = providers[id];
  if (!provider) throw new Error(`There is no provider ${id}.`);
  return provider;
}

let people = 0;
type Claims = Record<string, unknown>;

/** A flow of a new person. `userinfo` is null if the endpoint must not be asked. */
async function arrive(id: string, claims: Claims, userinfo: Claims | null = null) {
  people += 1;
  const provider = providerOf(id);
  let asked = 0;
  provider.userinfo = userinfo ?? {};
  provider.server.service.once('beforeUserinfo', () => {
    asked += 1;
  });
  const result = await roundTrip(server, provider, { sub: `person-${people}`, ...claims });
  return { type: result.__typename, email: result.viewer?.user.email ?? null, asked };
}

const email = () => `claims-${people + 1}@example.com`;

describe('OA-13: every claim is well-formed before it is stored', () => {
  test.each([
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
    ['NUL', 'a\u0000b'],
    ['a line break', 'a\nb'],
    ['256 characters', 'a'.repeat(256)],
    ['nothing', ''],
  ])('a subject with %s is refused', async (_what, sub) => {
    const before = await countRows(server);
    const { type } = await arrive('plain', { sub, email: email(), email_verified: true });
    expect(type).toBe('OAuthFailedError');
    expect(await countRows(server)).toEqual(before);
  });

  test('a subject of 255 characters beyond ASCII is accepted', async () => {
    const sub = '\u{1f600}'.repeat(127);
    const claims = { sub, email: email(), email_verified: true };
    expect((await arrive('plain', claims)).type).toBe('SignedIn');
  });

  test.each([
    ['a lone surrogate', 'a\ud83d@example.com'],
    ['NUL', 'a\u0000@example.com'],
    ['a number', 12],
    ['a list', ['a@example.com']],
  ])('an address with %s is rejected', async (_what, address) => {
    const { type } = await arrive('plain', { email: address, email_verified: true });
    expect(type).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'no-email' });
  });

  test.each(['a\ud83d', 'a\u0000b', 12, { given: 'Ada' }])(
    'the name %j is ignored',
    async (name) => {
      const claims = { email: email(), email_verified: true, name };
      expect((await arrive('plain', claims)).type).toBe('SignedIn');
    },
  );
});

test.each([1e300, -5, '12'])('auth_time %j does not confirm a fresh sign-in', async (authTime) => {
  people += 1;
  const provider = providerOf('plain');
  provider.claims = { sub: `late-${people}`, email: email(), auth_time: authTime };
  const redirectUri = redirectUriOf('plain');
  const input = { provider: 'plain', redirectUri, freshLogin: true };
  const { flowToken, authorizationUrl } = (await server.graphql(START, { input })).data.startOAuth;
  const callbackUrl = await provider.visit(authorizationUrl);
  const result = await complete(server, { flowToken, callbackUrl });
  expect(result.__typename).toBe('OAuthFailedError');
  expect(lastFailure(server)).toMatchObject({ reason: 'answer-refused' });
});

describe('OA-6: the source of an address’s verification', () => {
  const verified = { email_verified: true };

  test('the userinfo endpoint is asked for both claims if the ID token lacks email_verified', async () => {
    const address = email();
    const claims = { email: `other-${address}` };
    const arrived = await arrive('plain', claims, { email: address, ...verified });
    expect(arrived).toEqual({ type: 'SignedIn', email: address, asked: 1 });
  });

  test('claims of two sources are never mixed', async () => {
    const arrived = await arrive('plain', { email: email() }, verified);
    expect(arrived).toMatchObject({ type: 'OAuthFailedError', asked: 1 });
  });

  test('the userinfo endpoint is not asked if the ID token has both claims', async () => {
    const arrived = await arrive('plain', { email: email(), ...verified });
    expect(arrived).toMatchObject({ type: 'SignedIn', asked: 0 });
  });

  test.each([
    ['plain', { email_verified: 'true' }, 'OAuthFailedError'],
    ['plain', { email_verified: 1 }, 'OAuthFailedError'],
    ['text', { email_verified: 'true' }, 'SignedIn'],
    ['text', { email_verified: true }, 'SignedIn'],
    ['text', { email_verified: 'false' }, 'OAuthFailedError'],
    ['text', { email_verified: 1 }, 'OAuthFailedError'],
    ['edov', { xms_edov: true }, 'SignedIn'],
    ['edov', { xms_edov: '1' }, 'SignedIn'],
    ['edov', { xms_edov: '0' }, 'OAuthFailedError'],
    ['edov', { email_verified: true }, 'OAuthFailedError'],
    ['edov', {}, 'OAuthFailedError'],
    ['always', {}, 'SignedIn'],
    ['always', { email_verified: false }, 'SignedIn'],
  ])('emailVerifiedAs %s with %j: %s', async (id, claims, type) => {
    expect((await arrive(id, { email: email(), ...claims })).type).toBe(type);
  });
});

describe('OA-3: audiences', () => {
  test.each([
    ['audiences', [CLIENT_ID, 'project'], CLIENT_ID, 'SignedIn'],
    ['audiences', [CLIENT_ID], undefined, 'SignedIn'],
    ['audiences', [CLIENT_ID, 'project'], 'project', 'OAuthFailedError'],
    ['audiences', [CLIENT_ID, 'project'], undefined, 'OAuthFailedError'],
    ['audiences', ['project'], CLIENT_ID, 'OAuthFailedError'],
    ['audiences', [CLIENT_ID, 'project', 'another'], CLIENT_ID, 'OAuthFailedError'],
    ['plain', [CLIENT_ID, 'project'], CLIENT_ID, 'OAuthFailedError'],
  ])('%s: aud %j, azp %j: %s', async (id, aud, azp, type) => {
    const claims = { aud, azp, email: email(), email_verified: true };
    expect((await arrive(id, claims)).type).toBe(type);
  });
});

test.each([
  ['post', `client_secret=${encodeURIComponent(CLIENT_SECRET).replaceAll('%20', '+')}`, undefined],
  ['basic', '', 'Basic '],
])('OA-13: tokenAuth %s sends the client secret so', async (id, inBody, inHeader) => {
  const provider = providerOf(id);
  const asked = once(provider.server.service, 'beforeResponse');
  const arriving = arrive(id, { email: email(), email_verified: true });
  const [, request] = await asked;
  expect((await arriving).type).toBe('SignedIn');
  const body = new URLSearchParams(request.body).toString();
  expect(body.includes('client_secret=')).toBe(inBody !== '');
  if (inBody !== '') expect(body).toContain(inBody);
  expect(request.headers.authorization?.slice(0, 6)).toBe(inHeader);
});

describe('OA-13: the response at the redirect URI', () => {
  const start = async () => {
    const begun = await begin(server, { provider: 'plain' });
    const state = new URL(begun.authorizationUrl).searchParams.get('state');
    return { ...begun, state };
  };

  test.each(['access_denied', 'user_cancelled_login'])(
    'a cancellation at the provider (%s) is distinguished from a failure and recorded',
    async (error) => {
      const { flowToken, state } = await start();
      const callbackUrl = `${redirectUriOf('plain')}?error=${error}&state=${state}`;
      const result = await complete(server, { flowToken, callbackUrl });
      expect(result.__typename).toBe('OAuthCancelledError');
      expect(lastFailure(server)).toMatchObject({ reason: 'cancelled', provider: 'plain' });
    },
  );

  test.each(['server_error', 'login_required', 'x'])('the error %s is a failure', async (error) => {
    const { flowToken, state } = await start();
    const callbackUrl = `${redirectUriOf('plain')}?error=${error}&state=${state}`;
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe(
      'OAuthFailedError',
    );
  });

  test('an error with another state cancels nothing', async () => {
    const { flowToken, authorizationUrl } = await start();
    const callbackUrl = `${redirectUriOf('plain')}?error=access_denied&state=other`;
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe(
      'OAuthFailedError',
    );
    const provider = providerOf('plain');
    provider.claims = { sub: 'patient', email: email(), email_verified: true };
    const own = await provider.visit(authorizationUrl);
    expect((await complete(server, { flowToken, callbackUrl: own })).__typename).toBe('SignedIn');
  });

  test.each(['#_=_', '#', '#state=other&code=other'])(
    'a fragment is ignored: %s',
    async (fragment) => {
      people += 1;
      const provider = providerOf('plain');
      provider.claims = { sub: `fragment-${people}`, email: email(), email_verified: true };
      const { flowToken, authorizationUrl } = await start();
      const callbackUrl = `${await provider.visit(authorizationUrl)}${fragment}`;
      expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe('SignedIn');
    },
  );

  test.each([
    ['NUL in the path', (url: string) => url.replace('?', '\u0000?')],
    ['NUL in the query', (url: string) => `${url}\u0000`],
    ['a lone surrogate', (url: string) => url.replace('?', '\ud83d?')],
    ['a line break', (url: string) => `${url}\n`],
  ])('%s is refused, and the flow is not spent', async (_what, change) => {
    people += 1;
    const provider = providerOf('plain');
    provider.claims = { sub: `mended-${people}`, email: email(), email_verified: true };
    const { flowToken, authorizationUrl } = await start();
    const callbackUrl = await provider.visit(authorizationUrl);
    const refused = await complete(server, { flowToken, callbackUrl: change(callbackUrl) });
    expect(refused.__typename).toMatch(/^(InvalidInput|OAuthFailed)Error$/);
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe('SignedIn');
  });
});

describe('OA-13: a provider with many tenants', () => {
  let tenants: ForgingProvider;
  let own: TestServer;
  let front: Server;
  let issuer: string;
  let said: string;
  const tenantOf = (tid: string) => `${issuer}/${tid}/v2.0`;

  beforeAll(async () => {
    tenants = await startForgingProvider(clock);
    const discovery = `${tenants.issuer}/.well-known/openid-configuration`;
    front = createServer(async (_request, response) => {
      const metadata = (await (await fetch(discovery)).json()) as object;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...metadata, issuer: said }));
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    issuer = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const tenantIssuer = tenantOf('{tenantid}');
    said = tenantIssuer;
    const more = { issuer, tenantIssuer, emailVerifiedAs: 'xms_edov' };
    own = await startServerWith([tenants.setting('tenants', more)], { clock });
  });
  afterAll(async () => {
    await own.close();
    await tenants.close();
    front.close();
  });

  const arriveFrom = async (claims: Claims, token?: string) => {
    tenants.claims = { email: email(), xms_edov: true, ...claims };
    const { flowToken, authorizationUrl } = await begin(own, { provider: 'tenants', token });
    const callbackUrl = await tenants.visit(authorizationUrl);
    return await complete(own, { flowToken, callbackUrl }, token);
  };

  test('the issuer is the tenant’s own, as its ID token says', async () => {
    const claims = { sub: 'same', tid: '7c', iss: tenantOf('7c') };
    const first = await arriveFrom(claims);
    expect(first.__typename).toBe('SignedIn');
    expect(first.viewer.identities[0].provider.id).toBe('tenants');
    const again = await arriveFrom(claims);
    expect(again.viewer.user.id).toBe(first.viewer.user.id);
    people += 1;
    const other = await arriveFrom({ sub: 'same', tid: '8d', iss: tenantOf('8d') });
    expect(other.viewer.user.id).not.toBe(first.viewer.user.id);
  });

  test.each([
    ['another tenant’s issuer', () => ({ tid: '8d', iss: tenantOf('7c') })],
    ['no tenant', () => ({ iss: tenantOf('7c') })],
    ['a tenant that leads elsewhere', () => ({ tid: '../7c', iss: tenantOf('../7c') })],
    ['the issuer of the settings', () => ({ tid: '7c', iss: issuer })],
    ['a tenant that is no text', () => ({ tid: 7, iss: tenantOf('7') })],
  ])('%s is refused', async (_what, claims) => {
    people += 1;
    const before = await countRows(own);
    const result = await arriveFrom({ sub: `stranger-${people}`, ...claims() });
    expect(result.__typename).toBe('OAuthFailedError');
    expect(await countRows(own)).toEqual(before);
  });

  test('metadata that name another issuer are rejected', async () => {
    said = issuer;
    clock.advance(2 * 60 * 60_000);
    const input = { provider: 'tenants', redirectUri: redirectUriOf('tenants') };
    const { data } = await own.graphql(START, { input });
    expect(data.startOAuth.__typename).toBe('OAuthFailedError');
    said = tenantOf('{tenantid}');
    clock.advance(60_000);
  });

  test('OA-11: an identity of a tenant counts as a way of signing in', async () => {
    people += 1;
    const { accessToken: token } = await signUp(own);
    await arriveFrom({ sub: 'one', tid: '7c', iss: tenantOf('7c') }, token);
    await arriveFrom({ sub: 'two', tid: '9e', iss: tenantOf('9e') }, token);
    await queryDatabase(own.app.deps.db, `update users set password_hash = null`);
    const { data } = await own.graphql(IDENTITIES, undefined, { token });
    const [one, two] = data.viewer.identities;
    const unlink = async ({ id }: { id: string }) =>
      (await own.graphql(UNLINK, { input: { identityId: id } }, { token })).data.unlinkIdentity;
    expect((await unlink(one)).__typename).toBe('IdentityUnlinked');
    expect((await unlink(two)).__typename).toBe('LastCredentialError');
  });
});
