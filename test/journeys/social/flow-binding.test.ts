import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { signIn, signUp } from '../../support/journeys.ts';
import {
  begin,
  complete,
  countRows,
  lastFailure,
  REDIRECT_URI,
  START,
  startServerWith,
} from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';

const OTHER_REDIRECT_URI = 'https://app.example.com/oauth/callback';
const clock = createFakeClock();
let provider: ForgingProvider;
let other: ForgingProvider;
let server: TestServer;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  other = await startForgingProvider(clock);
  const settings = [
    provider.setting('forger', { redirectUris: [REDIRECT_URI, OTHER_REDIRECT_URI] }),
    other.setting('other'),
  ];
  server = await startServerWith(settings, { clock });
  for (const one of [provider, other]) {
    one.claims = { sub: 'ada', email: 'ada@example.com', email_verified: true };
  }
});
afterAll(async () => {
  await server.close();
  await provider.close();
  await other.close();
});

/** A flow up to the browser's return. */
async function comeBack(wanted: Parameters<typeof begin>[1] = {}) {
  const { flowToken, authorizationUrl } = await begin(server, wanted);
  const callbackUrl = await (wanted.provider === 'other' ? other : provider).visit(
    authorizationUrl,
  );
  return { flowToken, callbackUrl };
}

async function expectRefused(input: { flowToken: string; callbackUrl: string }, reason: string) {
  const before = await countRows(server);
  const result = await complete(server, input);
  expect(result.__typename).toBe('OAuthFailedError');
  expect(lastFailure(server)).toMatchObject({ reason });
  expect(await countRows(server)).toEqual(before);
}

const withState = (callbackUrl: string, state: string | null) => {
  const url = new URL(callbackUrl);
  if (state === null) url.searchParams.delete('state');
  else url.searchParams.set('state', state);
  return url.href;
};
const stateOf = (url: string) => new URL(url).searchParams.get('state');

describe('OA-2: a callback is rejected, and no session is created, with', () => {
  test('no state', async () => {
    const { flowToken, callbackUrl } = await comeBack();
    const forged = withState(callbackUrl, null);
    await expectRefused({ flowToken, callbackUrl: forged }, 'malformed-callback');
  });

  test('the state of another browser’s flow', async () => {
    const victim = await comeBack();
    const attacker = await comeBack();
    await expectRefused({ ...victim, callbackUrl: attacker.callbackUrl }, 'state-mismatch');
    await expectRefused({ ...attacker, callbackUrl: victim.callbackUrl }, 'state-mismatch');
  });

  test('a state that was used before', async () => {
    const returned = await comeBack();
    expect((await complete(server, returned)).__typename).toBe('SignedIn');
    await expectRefused(returned, 'flow-used');
  });

  test('the state of a flow with another provider', async () => {
    const here = await comeBack();
    const there = await comeBack({ provider: 'other' });
    const state = stateOf(there.callbackUrl);
    await expectRefused(
      { flowToken: here.flowToken, callbackUrl: withState(here.callbackUrl, state) },
      'state-mismatch',
    );
  });

  test('a state that was never issued', async () => {
    const { flowToken, callbackUrl } = await comeBack();
    await expectRefused(
      { flowToken, callbackUrl: withState(callbackUrl, 'guess') },
      'state-mismatch',
    );
  });

  test('two states', async () => {
    const { flowToken, callbackUrl } = await comeBack();
    const twice = `${callbackUrl}&state=${stateOf(callbackUrl)}`;
    await expectRefused({ flowToken, callbackUrl: twice }, 'malformed-callback');
  });

  test('a flow token that was never issued', async () => {
    const { callbackUrl } = await comeBack();
    await expectRefused({ flowToken: `lkf_${'a'.repeat(43)}`, callbackUrl }, 'unknown-flow');
  });

  test('a flow that started more than ten minutes ago', async () => {
    const returned = await comeBack();
    clock.advance(10 * MINUTE);
    await expectRefused(returned, 'flow-expired');
  });

  test('the code of one flow in another: PKCE and nonce', async () => {
    const one = await comeBack();
    const two = await comeBack();
    const code = new URL(one.callbackUrl).searchParams.get('code') ?? '';
    const url = new URL(two.callbackUrl);
    url.searchParams.set('code', code);
    await expectRefused({ ...two, callbackUrl: url.href }, 'answer-refused');
  });
});

test('OA-2: a callback that does not match uses nothing up', async () => {
  const returned = await comeBack();
  await expectRefused(
    { ...returned, callbackUrl: withState(returned.callbackUrl, 'guess') },
    'state-mismatch',
  );
  expect((await complete(server, returned)).__typename).toBe('SignedIn');
});

test('OA-1: state, nonce and challenge are fresh in 100 of 100 starts, and the challenge is S256', async () => {
  const seen = { state: new Set(), nonce: new Set(), code_challenge: new Set(), token: new Set() };
  for (let round = 0; round < 100; round += 1) {
    const { authorizationUrl, flowToken } = await begin(server);
    const query = new URL(authorizationUrl).searchParams;
    expect(query.get('response_type')).toBe('code');
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('redirect_uri')).toBe(REDIRECT_URI);
    for (const name of ['state', 'nonce', 'code_challenge'] as const) {
      expect(query.get(name)).toMatch(/^[\w-]{43}$/);
      seen[name].add(query.get(name));
    }
    seen.token.add(flowToken);
  }
  expect(Object.values(seen).map((set) => set.size)).toEqual([100, 100, 100, 100]);
});

describe('OA-7: the redirect URI equals one of the configured ones, character by character', () => {
  const evil = [
    'https://app.example.com/oauth/callback/',
    'https://app.example.com/oauth/callback?next=https://evil.example',
    'https://app.example.com/oauth/callback#x',
    'https://app.example.com/oauth/callbackX',
    'https://appXexample.com/oauth/callback',
    'https://app.example.com.evil/oauth/callback',
    'https://app.example.com@evil.example/oauth/callback',
    'https://user:pass@app.example.com/oauth/callback',
    'https://app.example.com:443/oauth/callback',
    'https://APP.example.com/oauth/callback',
    'http://app.example.com/oauth/callback',
    'https://app.example.com\\oauth\\callback',
    'https://app.example.com/oauth/../oauth/callback',
    ' https://app.example.com/oauth/callback',
    '//evil.example',
    '\\\\evil.example',
    '/oauth/callback',
    'javascript:alert(1)',
  ];

  test.each(evil)('startOAuth rejects %s', async (redirectUri) => {
    const { data } = await server.graphql(START, { input: { provider: 'forger', redirectUri } });
    expect(data.startOAuth).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'redirectUri'] }],
    });
    expect(JSON.stringify(data)).not.toContain('evil');
  });

  // The provider writes the query, and nothing in it leads anywhere.
  const elsewhere = evil.filter((uri) => !uri.includes('?'));

  test.each(elsewhere)(
    'completeOAuth rejects a callback at %s, with a code and with an error',
    async (base) => {
      const returned = await comeBack({ redirectUri: OTHER_REDIRECT_URI });
      const { search } = new URL(returned.callbackUrl);
      const state = stateOf(returned.callbackUrl);
      for (const query of [search.slice(1), `error=access_denied&state=${state}`]) {
        const callbackUrl = `${base}?${query}`;
        expect((await complete(server, { ...returned, callbackUrl })).__typename).toBe(
          'OAuthFailedError',
        );
      }
      // None of these used the flow up: the honest callback still works.
      expect((await complete(server, returned)).__typename).toBe('SignedIn');
    },
  );

  test('completeOAuth rejects a configured redirect URI other than the flow’s own', async () => {
    const returned = await comeBack();
    const { search } = new URL(returned.callbackUrl);
    const callbackUrl = `${OTHER_REDIRECT_URI}${search}`;
    await expectRefused({ ...returned, callbackUrl }, 'redirect-uri-mismatch');
  });
});

test('an error of the provider ends the flow, and its text is not repeated', async () => {
  const { flowToken, authorizationUrl } = await begin(server);
  const state = stateOf(authorizationUrl);
  const refusal = (error: string) =>
    `${REDIRECT_URI}?error=${error}&error_description=Call+0900-FRAUD&state=${state}`;
  const result = await complete(server, { flowToken, callbackUrl: refusal('server_error') });
  expect(result.__typename).toBe('OAuthFailedError');
  expect(lastFailure(server)).toMatchObject({ reason: 'provider-refused', code: 'server_error' });
  await expectRefused({ flowToken, callbackUrl: refusal('access_denied') }, 'flow-used');
  const again = await begin(server);
  await complete(server, {
    flowToken: again.flowToken,
    callbackUrl: `${REDIRECT_URI}?error=0900-FRAUD&state=${stateOf(again.authorizationUrl)}`,
  });
  expect(lastFailure(server)).toMatchObject({ reason: 'provider-refused' });
  expect(JSON.stringify(server.logged)).not.toContain('FRAUD');
});

describe('only the session that requested a link completes it', () => {
  test('not without an access token, not another person, not another session', async () => {
    const person = await signUp(server);
    const sameElsewhere = await signIn(server, person);
    const stranger = await signUp(server);
    const returned = await comeBack({ token: person.accessToken });
    for (const token of [undefined, stranger.accessToken, sameElsewhere.accessToken]) {
      const result = await complete(server, returned, token);
      expect(result.__typename).toBe('OAuthFailedError');
      expect(lastFailure(server)).toMatchObject({ reason: 'other-session' });
    }
    provider.claims = { sub: 'linked', email: 'somebody@example.com', email_verified: true };
    const again = await comeBack({ token: person.accessToken });
    const result = await complete(server, again, person.accessToken);
    expect(result.__typename).toBe('IdentityLinked');
    provider.claims = { sub: 'ada', email: 'ada@example.com', email_verified: true };
  });

  test('not after the session has ended', async () => {
    const person = await signUp(server);
    const returned = await comeBack({ token: person.accessToken });
    const logout = 'mutation { logout { __typename } }';
    await server.graphql(logout, undefined, { token: person.accessToken });
    const result = await complete(server, returned, person.accessToken);
    expect(result.__typename).toBe('OAuthFailedError');
  });
});

test('an unknown provider is NotFoundError', async () => {
  const input = { provider: 'nobody', redirectUri: REDIRECT_URI };
  const { data } = await server.graphql(START, { input });
  expect(data.startOAuth.__typename).toBe('NotFoundError');
});

test('DR-1: the database contains neither state, flow token, nonce nor verifier', async () => {
  const { flowToken, authorizationUrl } = await begin(server);
  const query = new URL(authorizationUrl).searchParams;
  const rows = await queryDatabase(server.app.deps.db, 'select f::text as row from oauth_flows f');
  const dump = JSON.stringify(rows);
  expect(dump).toContain('forger');
  for (const secret of [flowToken, query.get('state') ?? '?', query.get('nonce') ?? '?']) {
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
  }
});
