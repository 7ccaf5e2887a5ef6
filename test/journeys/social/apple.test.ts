import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../../src/kernel/duration.ts';
import { receiveFormPost } from '../../../src/proofs/oauth/form-post.ts';
import { createFakeClock } from '../../support/clock.ts';
import { type FakeProviders, startFakeProviders } from '../../support/fake-providers.ts';
import { signUp } from '../../support/journeys.ts';
import {
  begin,
  COMPLETE,
  complete,
  countRows,
  lastFailure,
  redirectUriOf,
  START,
} from '../../support/oauth.ts';
import { startServerWithPresets } from '../../support/presets.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';

/** The preset `apple`, whose answer is a form that the browser posts from Apple's page. */

const PATH = '/oauth/form-post/apple';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const FROM_APPLE = { ...FORM, origin: 'https://appleid.apple.com', 'sec-fetch-site': 'cross-site' };

const clock = createFakeClock();
let fakes: FakeProviders;
let server: TestServer;
beforeAll(async () => {
  fakes = await startFakeProviders(clock);
  server = await startServerWithPresets(fakes, ['apple', 'github'], { clock });
});
afterAll(async () => {
  await server.close();
  fakes.close();
});

const post = (body: string | URLSearchParams, headers: Record<string, string> = FROM_APPLE) =>
  server.request(PATH, { method: 'POST', headers, body: body.toString(), redirect: 'manual' });

/** Begins a flow and agrees at Apple: what Apple's page would now post. */
async function agree(claims: Record<string, unknown> = {}, token?: string) {
  const { apple } = fakes.all;
  const { flowToken, authorizationUrl } = await begin(server, { provider: 'apple', token });
  apple.claims = claims;
  const { url, form } = await apple.visit(authorizationUrl);
  if (!form) throw new Error('Apple posted nothing.');
  return { flowToken, form, url, authorizationUrl };
}

/** The whole way, with the `user` that Apple sends the first time. */
async function arrive(claims: Record<string, unknown>, user: unknown = null, token?: string) {
  const { flowToken, form } = await agree(claims, token);
  if (user !== null) form.set('user', typeof user === 'string' ? user : JSON.stringify(user));
  const answer = await post(form);
  expect(answer.status).toBe(303);
  const callbackUrl = answer.headers.get('location') ?? '';
  return await complete(server, { flowToken, callbackUrl }, token);
}

let people = 0;
const person = (more: object = {}) => {
  people += 1;
  return { sub: `0000${people}.apple`, email: `apple-${people}@example.com`, ...more };
};

/** Everything that a post could have changed. */
const snapshot = async () =>
  JSON.stringify([
    await countRows(server),
    await queryDatabase(server.app.deps.db, 'select * from oauth_flows order by id'),
  ]);

test('AP-1: a posted answer leads to the redirect URI of its flow and completes there', async () => {
  const { flowToken, form, url } = await agree(person());
  expect(url, 'where Apple posts its answer').toBe('http://localhost:4000/oauth/form-post/apple');
  const answer = await post(form);
  const location = answer.headers.get('location') ?? '';
  expect(answer.status).toBe(303);
  const code = form.get('code') ?? '';
  const state = form.get('state') ?? '';
  expect(location).toBe(`${redirectUriOf('apple')}?${new URLSearchParams({ code, state })}`);
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await complete(server, { flowToken, callbackUrl: location })).__typename).toBe(
    'SignedIn',
  );
});

test('a start asks for a posted answer, with nonce and without PKCE', async () => {
  const { authorizationUrl } = await begin(server, { provider: 'apple' });
  const asked = new URL(authorizationUrl).searchParams;
  expect(asked.get('response_mode')).toBe('form_post');
  expect(asked.get('scope')).toBe('openid email name');
  expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/);
  expect(asked.get('code_challenge')).toBeNull();
});

test('AP-1: a person who cancels returns to the app', async () => {
  const { flowToken, form } = await agree();
  form.delete('code');
  form.set('error', 'user_cancelled_authorize');
  const callbackUrl = (await post(form)).headers.get('location') ?? '';
  const result = await complete(server, { flowToken, callbackUrl });
  expect(result.__typename).toBe('OAuthCancelledError');
});

test('AP-1: a person links Apple to their account', async () => {
  const { accessToken } = await signUp(server);
  expect((await arrive(person(), null, accessToken)).__typename).toBe('IdentityLinked');
});

describe('AP-1: a hostile post changes nothing and leads nowhere', () => {
  type Hostile = (honest: URLSearchParams) => URLSearchParams | string;
  const changed =
    (change: (form: URLSearchParams) => void): Hostile =>
    (honest) => {
      const form = new URLSearchParams(honest);
      change(form);
      return form;
    };
  test.each<[string, Hostile]>([
    ['an unknown state', changed((form) => form.set('state', 'A'.repeat(43)))],
    ['no state', changed((form) => form.delete('state'))],
    ['an empty state', changed((form) => form.set('state', ''))],
    ['two states', changed((form) => form.append('state', 'other'))],
    ['the state twice', changed((form) => form.append('state', form.get('state') ?? ''))],
    ['a state and NUL', changed((form) => form.set('state', `${form.get('state')}\u0000`))],
    ['no code', changed((form) => form.delete('code'))],
    ['two codes', changed((form) => form.append('code', 'other'))],
    ['a code and an error', changed((form) => form.set('error', 'access_denied'))],
    ['a code with a line break', changed((form) => form.set('code', 'a\r\nlocation: //evil'))],
    ['a code of 3,000 characters', changed((form) => form.set('code', 'a'.repeat(3_000)))],
    [
      'an error that is a page',
      (honest) => `state=${honest.get('state')}&error=%3Cscript%3Ealert(1)%3C%2Fscript%3E`,
    ],
    ['bytes that are no text', (honest) => `state=${honest.get('state')}%ff&code=%ff`],
    ['nothing', () => ''],
    ['JSON in a form', (honest) => JSON.stringify(Object.fromEntries(honest))],
  ])('%s', async (_what, hostile) => {
    const { form } = await agree();
    form.set('user', JSON.stringify({ name: { firstName: 'Mallory' } }));
    const before = await snapshot();
    const answer = await post(hostile(form));
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await answer.text();
    expect(text).toContain('This sign-in cannot be completed');
    expect(text).not.toMatch(/script|Mallory/);
    expect(await snapshot()).toBe(before);
  });

  test('a state of another provider', async () => {
    const { authorizationUrl } = await begin(server, { provider: 'github' });
    const state = new URL(authorizationUrl).searchParams.get('state') ?? '';
    const before = await snapshot();
    expect((await post(new URLSearchParams({ state, code: 'a' }))).status).toBe(400);
    expect(await snapshot()).toBe(before);
  });

  test('the state of a completed flow', async () => {
    const { flowToken, form } = await agree(person());
    const callbackUrl = (await post(form)).headers.get('location') ?? '';
    await complete(server, { flowToken, callbackUrl });
    expect((await post(form)).status).toBe(400);
  });

  test('the state of an expired flow', async () => {
    const { form } = await agree();
    clock.advance(11 * MINUTE);
    expect((await post(form)).status).toBe(400);
  });

  test('fields that name another place are ignored', async () => {
    const { form } = await agree();
    for (const name of ['redirect_uri', 'redirectUri', 'iss', 'id_token', 'location']) {
      form.set(name, 'https://evil.example/');
    }
    const location = new URL((await post(form)).headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(redirectUriOf('apple'));
    expect([...location.searchParams.keys()].sort()).toEqual(['code', 'state']);
  });

  test('a redirect URI that the settings no longer contain', async () => {
    const { form } = await agree();
    const { deps } = server.app;
    const providers = deps.config.oauth.providers.map((one) => ({
      ...one,
      redirectUris: ['https://moved.example/callback'],
    }));
    const moved = { ...deps, config: { ...deps.config, oauth: { providers } } };
    await expect(receiveFormPost(moved, 'apple', form)).rejects.toMatchObject({
      reason: 'unknown-flow',
    });
    expect((await post(form)).status).toBe(303);
  });

  test.each([
    ['JSON', 415, { 'content-type': 'application/json' }],
    ['multipart', 415, { 'content-type': 'multipart/form-data; boundary=x' }],
    ['text', 415, { 'content-type': 'text/plain' }],
    ['a form with a charset', 303, { 'content-type': `${FORM['content-type']}; charset=UTF-8` }],
  ])('%s: %i', async (_what, status, headers) => {
    const { form } = await agree();
    expect((await post(form, headers)).status).toBe(status);
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s: 405', async (method) => {
    const { form } = await agree();
    const answer = await server.request(`${PATH}?${form}`, { method, redirect: 'manual' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('the browser of somebody else gets no session from a posted code', async () => {
    const attacker = await agree(person());
    const victim = await agree(person());
    const callbackUrl = (await post(attacker.form)).headers.get('location') ?? '';
    const result = await complete(server, { flowToken: victim.flowToken, callbackUrl });
    expect(result.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'state-mismatch' });
  });

  test('a provider without posted answers has no such route', async () => {
    const answer = await server.request('/oauth/form-post/github', { method: 'POST' });
    expect(answer.status).toBe(404);
  });
});

test('AP-1: after 60 refused posts in 15 minutes a source waits, and others do not', async () => {
  const other = await startServerWithPresets(fakes, ['apple'], { clock });
  try {
    const send = (address: string) =>
      other.app.fetch(
        new Request(`http://localhost:4000${PATH}`, { method: 'POST', headers: FORM, body: 'a=b' }),
        { remoteAddress: address },
      );
    const seen = [];
    for (let n = 0; n < 61; n += 1) seen.push((await send('198.51.100.7')).status);
    expect(seen).toEqual([...Array(60).fill(400), 429]);
    expect((await send('198.51.100.8')).status).toBe(400);
    clock.advance(15 * MINUTE);
    expect((await send('198.51.100.7')).status).toBe(400);
  } finally {
    await other.close();
  }
});

describe('AP-2: the client secret', () => {
  const secretOf = async () => {
    const { apple } = fakes.all;
    expect((await arrive(person())).__typename).toBe('SignedIn');
    return apple.received.at(-1)?.form.get('client_secret') ?? '';
  };

  test('is made for each exchange and valid for five minutes', async () => {
    const secret = await secretOf();
    const { iat = 0, exp = 0, ...claims } = decodeJwt(secret);
    expect(decodeProtectedHeader(secret)).toEqual({ alg: 'ES256', kid: 'KEY1234567' });
    expect(claims).toEqual({ iss: 'TEAM123456', sub: 'client', aud: 'https://appleid.apple.com' });
    expect(exp - iat).toBeLessThanOrEqual(300);
    expect(await secretOf()).not.toBe(secret);
  });

  test('still works after a year without a restart', async () => {
    clock.advance(366 * DAY);
    const { exp = 0 } = decodeJwt(await secretOf());
    expect(exp * 1000).toBeGreaterThan(clock.now().getTime());
  });

  test('the exchange names the address to which Apple posted', async () => {
    await secretOf();
    const sent = fakes.all.apple.received.at(-1)?.form;
    expect(sent?.get('redirect_uri')).toBe('http://localhost:4000/oauth/form-post/apple');
    expect(sent?.get('code_verifier')).toBeNull();
  });
});

describe('AP-3: Apple’s ID token', () => {
  test.each<[string, object]>([
    ['another nonce', { nonce: 'other' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://appleid.apple.com.example' }],
    ['another audience', { aud: 'com.example.other' }],
    ['an end in the past', { exp: 1 }],
  ])('with %s is refused', async (_what, claims) => {
    const before = await countRows(server);
    expect((await arrive(person(claims))).__typename).toBe('OAuthFailedError');
    expect(await countRows(server)).toEqual(before);
  });

  test.each<[unknown, boolean]>([
    ['true', true],
    [true, true],
    ['false', false],
    [false, false],
    [undefined, false],
    ['TRUE', false],
    [1, false],
    ['1', false],
  ])('email_verified %j proves the address: %s', async (verified, isProven) => {
    const result = await arrive(person({ email_verified: verified }));
    if (isProven) return expect(result.__typename).toBe('SignedIn');
    expect(result).toMatchObject({
      __typename: 'OAuthFailedError',
      reason: 'EMAIL_NOT_VERIFIED',
    });
  });

  const relay = (n: string) => `relay-${n}@privaterelay.appleid.com`;

  test('an address of the relay makes an account', async () => {
    const result = await arrive(person({ email: relay('new'), is_private_email: 'true' }));
    expect(result.viewer.user).toMatchObject({ email: relay('new'), emailVerified: true });
  });

  test.each([
    ['by its domain', { email: relay('taken-1') }],
    ['by the text', { email: 'taken-2@relay.example', is_private_email: 'true' }],
    ['by the boolean', { email: 'taken-3@relay.example', is_private_email: true }],
  ])(
    'an address of the relay (%s) never leads to an account, not even an unproven one',
    async (_how, claims) => {
      const { email } = await signUp(server, { email: claims.email });
      await queryDatabase(
        server.app.deps.db,
        `update users set email_verified_at = null where email = '${email}'`,
      );
      expect((await arrive(person(claims))).__typename).toBe('AccountLinkRequiredError');
    },
  );
});

describe('AP-4: the name that Apple sends once', () => {
  const ADA = { name: { firstName: 'Ada', lastName: 'Lovelace' }, email: 'other@evil.example' };

  test('becomes the name of the account, and its unsigned address does not count', async () => {
    const claims = person();
    const first = await arrive(claims, ADA);
    expect(first.viewer.user).toMatchObject({ name: 'Ada Lovelace', email: claims.email });
    const second = await arrive(claims);
    expect(second.viewer.user).toMatchObject({ name: 'Ada Lovelace' });
    const forged = await arrive(claims, { name: { firstName: 'Mallory' } });
    expect(forged.viewer.user, 'an account keeps its name').toMatchObject({ name: 'Ada Lovelace' });
  });

  test('is sealed in the flow, and the first one stays', async () => {
    const { flowToken, form } = await agree(person());
    form.set('user', JSON.stringify(ADA));
    await post(form);
    const rows = await queryDatabase(
      server.app.deps.db,
      `select encode(sealed_profile, 'escape') as text from oauth_flows where sealed_profile is not null`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/Ada|Lovelace/);
    form.set('user', JSON.stringify({ name: { firstName: 'Mallory' } }));
    const callbackUrl = (await post(form)).headers.get('location') ?? '';
    const result = await complete(server, { flowToken, callbackUrl });
    expect(result.viewer.user.name).toBe('Ada Lovelace');
  });

  test.each([
    ['no JSON', '{'],
    ['a text', '"Ada"'],
    ['no name', {}],
    ['a name that is a text', { name: 'Ada' }],
    ['parts that are objects', { name: { firstName: {}, lastName: [] } }],
    ['201 characters', { name: { firstName: 'a'.repeat(201) } }],
    ['a line break', { name: { firstName: 'Ada\nBcc: x' } }],
    ['a lone surrogate', '{"name":{"firstName":"a\\ud83d"}}'],
    ['nothing visible', { name: { firstName: '\u200b' } }],
    ['5,000 characters around it', { name: { firstName: 'Ada' }, more: 'x'.repeat(5_000) }],
    ['a prototype', '{"name":{"__proto__":{"firstName":"Ada"}}}'],
  ])('%s is no name', async (_what, user) => {
    const result = await arrive(person(), user);
    expect(result).toMatchObject({ __typename: 'SignedIn', viewer: { user: { name: null } } });
  });
});

test('AP-1, RL-3: forms that a page of anybody posts do not close the sign-in with providers', async () => {
  const other = await startServerWithPresets(fakes, ['apple', 'github'], { clock });
  const address = '198.51.100.9';
  try {
    const headers = { ...FORM, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const seen = [];
    for (let n = 0; n < 61; n += 1) {
      const form = { method: 'POST', headers, body: `state=${n}&code=x` };
      const request = new Request(`http://localhost:4000${PATH}`, form);
      seen.push((await other.app.fetch(request, { remoteAddress: address })).status);
    }
    expect(seen.at(-1)).toBe(429);
    const input = { provider: 'github', redirectUri: redirectUriOf('github') };
    const { data: started } = await other.graphql(START, { input }, { address });
    const { flowToken, authorizationUrl } = started.startOAuth;
    fakes.all.github.claims = { id: 4711 };
    const { url } = await fakes.all.github.visit(authorizationUrl);
    const proof = { input: { flowToken, callbackUrl: url } };
    const { data } = await other.graphql(COMPLETE, proof, { address });
    expect(data.completeOAuth.__typename).not.toBe('RateLimitedError');
  } finally {
    await other.close();
  }
});
