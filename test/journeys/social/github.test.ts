import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { type FakeProviders, startFakeProviders } from '../../support/fake-providers.ts';
import { signUp } from '../../support/journeys.ts';
import {
  begin,
  complete,
  countRows,
  lastFailure,
  redirectUriOf,
  START,
} from '../../support/oauth.ts';
import { startServerWithPresets } from '../../support/presets.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';

/** The preset `github`, which is OAuth 2.0 without OpenID Connect. */

const USER = 'https://api.github.com/user';
const EMAILS = 'https://api.github.com/user/emails';

const clock = createFakeClock();
let fakes: FakeProviders;
let server: TestServer;
beforeAll(async () => {
  fakes = await startFakeProviders(clock);
  server = await startServerWithPresets(fakes, ['github'], { clock });
});
afterAll(async () => {
  await server.close();
  fakes.close();
});

let people = 1000;

/** Somebody whom GitHub describes so comes. */
async function arrive(user: object, emails: unknown, token?: string) {
  const { github } = fakes.all;
  github.documents.set(USER, { login: 'somebody', ...user });
  github.documents.set(EMAILS, emails);
  const { flowToken, authorizationUrl } = await begin(server, { provider: 'github', token });
  const { url } = await github.visit(authorizationUrl);
  return await complete(server, { flowToken, callbackUrl: url }, token);
}

const newId = () => {
  people += 1;
  return people;
};
const entry = (email: string, more: object = {}) => ({
  ...{ email, verified: true, primary: true, visibility: 'private' },
  ...more,
});

test('a person signs in with GitHub and is the same person the next time', async () => {
  const id = newId();
  const emails = [entry('first@example.com', { primary: false }), entry('octo@example.com')];
  const first = await arrive({ id, name: 'The Octocat' }, emails);
  expect(first).toMatchObject({
    __typename: 'SignedIn',
    viewer: {
      user: { email: 'octo@example.com', emailVerified: true, name: 'The Octocat' },
      session: { methods: ['oauth'] },
      identities: [{ provider: { id: 'github', name: 'GitHub' } }],
    },
  });
  const again = await arrive({ id, name: 'Another name' }, []);
  expect(again.viewer.user.id).toBe(first.viewer.user.id);
});

describe('O2-1: GitHub’s numeric id identifies a person', () => {
  test('a renamed login and a freed address change nothing', async () => {
    const id = newId();
    const first = await arrive({ id, login: 'renamed' }, [entry('renamed@example.com')]);
    const renamed = await arrive({ id, login: 'other' }, [entry('other@example.com')]);
    expect(renamed.viewer.user.id).toBe(first.viewer.user.id);
    expect(renamed.viewer.user.email).toBe('renamed@example.com');
  });

  test('whoever takes a freed login is another person', async () => {
    const first = await arrive({ id: newId(), login: 'freed' }, [entry('freed-1@example.com')]);
    const second = await arrive({ id: newId(), login: 'freed' }, [entry('freed-2@example.com')]);
    expect(second.__typename).toBe('SignedIn');
    expect(second.viewer.user.id).not.toBe(first.viewer.user.id);
  });

  test('the id is stored as a decimal text, below the issuer that GitHub states', async () => {
    const id = newId();
    await arrive({ id }, [entry('stored@example.com')]);
    const rows = await queryDatabase(
      server.app.deps.db,
      `select issuer, subject from identities where email = 'stored@example.com'`,
    );
    expect(rows).toEqual([{ issuer: 'https://github.com/login/oauth', subject: String(id) }]);
  });

  test.each([
    ['missing', {}],
    ['null', { id: null }],
    ['0', { id: 0 }],
    ['"0"', { id: '0' }],
    ['empty', { id: '' }],
    ['negative', { id: -1 }],
    ['fractional', { id: 1.5 }],
    ['beyond the exact numbers of JSON', { id: 2 ** 53 + 2 }],
    ['an object', { id: { value: 1 } }],
    ['a list', { id: [1] }],
    ['a boolean', { id: true }],
    ['a login', { id: 'octocat' }],
    ['of the name `sub`', { sub: '12' }],
    ['with a leading zero', { id: '012' }],
    ['only the login', { login: 'octocat' }],
  ])('an id that is %s is refused', async (_what, user) => {
    const before = await countRows(server);
    const result = await arrive(user, [entry('nobody@example.com')]);
    expect(result.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'answer-refused', code: 'SUBJECT' });
    expect(await countRows(server)).toEqual(before);
  });
});

describe('O2-2: only the entry of GitHub’s list that is verified and primary is proven', () => {
  const SECOND = { primary: false };
  test.each<[string, unknown, string | null]>([
    [
      'the primary entry, not the first',
      [entry('a1@example.com', SECOND), entry('b1@example.com')],
      'b1@example.com',
    ],
    ['a primary entry that is not verified', [entry('c1@example.com', { verified: false })], null],
    [
      'a verified entry beside an unverified primary one',
      [entry('d1@example.com', SECOND), entry('e1@example.com', { verified: false })],
      null,
    ],
    ['no primary entry', [entry('f1@example.com', SECOND)], null],
    ['no entry', [], null],
    ['verified as text', [entry('g1@example.com', { verified: 'true' })], null],
    ['verified as a number', [entry('h1@example.com', { verified: 1 })], null],
    ['primary as text', [entry('i1@example.com', { primary: 'true' })], null],
    ['two primary entries', [entry('j1@example.com'), entry('k1@example.com')], null],
    ['an address that is none', [entry('not an address')], null],
    [
      'an address that is a list',
      [{ email: ['l1@example.com'], verified: true, primary: true }],
      null,
    ],
    ['an object in place of the list', { 0: entry('m1@example.com'), length: 1 }, null],
    ['a list that this client may not read', { $status: 404, message: 'Not Found' }, null],
    ['a list that the person denied', { $status: 403, message: 'Forbidden' }, null],
  ])('%s', async (_what, emails, email) => {
    const before = await countRows(server);
    const result = await arrive({ id: newId(), email: 'public@example.com' }, emails);
    if (email !== null) return expect(result.viewer.user).toMatchObject({ email });
    expect(result).toMatchObject({ __typename: 'OAuthFailedError', reason: 'EMAIL_MISSING' });
    expect(await countRows(server), 'and no made-up address').toEqual(before);
  });

  test('a person whose account is linked signs in, whatever became of the address', async () => {
    const id = newId();
    await arrive({ id }, [entry('linked@example.com')]);
    expect((await arrive({ id }, { $status: 404 })).__typename).toBe('SignedIn');
  });

  test('a taken address links nothing', async () => {
    const person = await signUp(server);
    const result = await arrive({ id: newId() }, [entry(person.email)]);
    expect(result).toMatchObject({ __typename: 'AccountLinkRequiredError', provider: 'GitHub' });
    const linked = await arrive({ id: newId() }, [entry(person.email)], person.accessToken);
    expect(linked.__typename).toBe('IdentityLinked');
  });
});

describe('O2-3: state, PKCE and the issuer', () => {
  test('a start sends state and a code challenge, and no nonce', async () => {
    const { authorizationUrl } = await begin(server, { provider: 'github' });
    const sent = new URL(authorizationUrl);
    expect(sent.origin + sent.pathname).toBe('https://github.com/login/oauth/authorize');
    expect([...sent.searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]);
    expect(sent.searchParams.get('scope')).toBe('read:user user:email');
  });

  test('a callback of another issuer is refused before the exchange', async () => {
    const { github } = fakes.all;
    const { flowToken, authorizationUrl } = await begin(server, { provider: 'github' });
    const { url } = await github.visit(authorizationUrl);
    const before = github.received.length;
    const callbackUrl = url.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fgithub.example');
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe(
      'OAuthFailedError',
    );
    expect(github.received.length).toBe(before);
  });

  test('a stolen code is worthless in another flow, because its verifier is missing', async () => {
    const { github } = fakes.all;
    github.documents.set(USER, { id: newId() });
    const victim = await begin(server, { provider: 'github' });
    const stolen = new URL((await github.visit(victim.authorizationUrl)).url).searchParams;
    const own = await begin(server, { provider: 'github' });
    const state = new URL(own.authorizationUrl).searchParams.get('state');
    const callbackUrl = `${redirectUriOf('github')}?code=${stolen.get('code')}&state=${state}`;
    const result = await complete(server, { flowToken: own.flowToken, callbackUrl });
    expect(result.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'provider-refused' });
  });

  test('a fresh sign-in, which GitHub cannot confirm, is refused at the start', async () => {
    const redirectUri = redirectUriOf('github');
    const input = { provider: 'github', redirectUri, freshLogin: true };
    const { data } = await server.graphql(START, { input });
    expect(data.startOAuth.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ code: 'AUTH_TIME_MISSING' });
  });
});

test('O2-4: the access token is sent to the userinfo endpoints alone and is not kept', async () => {
  const { github } = fakes.all;
  github.received.length = 0;
  await arrive({ id: newId() }, [entry('token@example.com')]);
  expect(github.received.map(({ url }) => url).sort()).toEqual([
    USER,
    EMAILS,
    'https://github.com/login/oauth/access_token',
  ]);
  const [, token = ''] = String(github.received.at(-1)?.headers['authorization']).split(' ');
  expect(token).toMatch(/^token-of-/);
  const dump = await queryDatabase(
    server.app.deps.db,
    `select (select json_agg(i)::text from identities i) || (select json_agg(f)::text from oauth_flows f)
       || (select json_agg(a)::text from audit_events a) || (select json_agg(s)::text from sessions s) as text`,
  );
  expect(JSON.stringify(dump)).not.toContain(token);
  expect(JSON.stringify(server.logged)).not.toContain(token);
});

describe('O2-5: an error with status 200 is a failure', () => {
  const exchange = async (answer: object) => {
    const { github } = fakes.all;
    github.documents.set(USER, { id: newId() });
    github.documents.set(EMAILS, [entry('never@example.com')]);
    fakes.interference.set(github.definition.tokenEndpoint, (_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
    try {
      const { flowToken, authorizationUrl } = await begin(server, { provider: 'github' });
      const { url } = await github.visit(authorizationUrl);
      return await complete(server, { flowToken, callbackUrl: url });
    } finally {
      fakes.interference.clear();
    }
  };

  test.each([
    ['without a token', { error: 'bad_verification_code', error_description: 'secret text' }],
    ['beside a token', { error: 'x', access_token: 'token', token_type: 'bearer' }],
    ['as an object', { error: { message: 'No.' }, access_token: 'token', token_type: 'bearer' }],
    ['as null', { error: null, access_token: 'token', token_type: 'bearer' }],
    ['as an empty text', { error: '', access_token: 'token', token_type: 'bearer' }],
  ])('%s', async (_how, answer) => {
    const before = await countRows(server);
    expect((await exchange(answer)).__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'provider-refused', provider: 'github' });
    expect(JSON.stringify(lastFailure(server))).not.toContain('secret text');
    expect(await countRows(server)).toEqual(before);
  });

  test('a used code is refused', async () => {
    const { github } = fakes.all;
    github.documents.set(USER, { id: newId() });
    const { flowToken, authorizationUrl } = await begin(server, { provider: 'github' });
    const { url } = await github.visit(authorizationUrl);
    const callbackUrl = url.replace(/code=[^&]*/, 'code=used');
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe(
      'OAuthFailedError',
    );
    expect(lastFailure(server)).toMatchObject({ reason: 'provider-refused' });
  });
});
