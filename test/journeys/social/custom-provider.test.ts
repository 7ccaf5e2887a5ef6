import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { begin, complete, countRows, lastFailure, redirectUriOf } from '../../support/oauth.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** A provider without a preset, described by its endpoints and JSON pointers, over the server's own guard. */

const clock = createFakeClock();
let profile: unknown = {};
let provider: Server;
let origin: string;
let server: TestServer;

beforeAll(async () => {
  provider = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { authorization } = request.headers;
    if (request.url === '/token') response.end('{"access_token":"at"}');
    else if (authorization === 'Bearer at') response.end(JSON.stringify(profile));
    else response.writeHead(401).end('{}');
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const acme = {
    id: 'acme',
    name: 'Acme',
    issuer: origin,
    clientId: 'client',
    clientSecret: 'secret of the client',
    authorizationEndpoint: `${origin}/authorize?audience=people`,
    tokenEndpoint: `${origin}/token`,
    userinfoEndpoint: `${origin}/me`,
    scopes: ['me'],
    profile: {
      subject: '/data/id',
      email: '/data/mails/1',
      emailVerified: '/data/a~1b/~0ok',
      name: '/data/name',
    },
  };
  // Its issuer is on the internet, so nothing on loopback may answer for it.
  const outside = { ...acme, id: 'outside', issuer: 'https://acme.example' };
  const env = { OAUTH_PROVIDERS: JSON.stringify([acme, outside]) };
  server = await startTestServer({ clock, env });
});
afterAll(async () => {
  await server.close();
  provider.close();
});

async function arrive(described: unknown, id = 'acme') {
  profile = described;
  const { flowToken, authorizationUrl } = await begin(server, { provider: id });
  const state = new URL(authorizationUrl).searchParams.get('state');
  return await complete(server, {
    flowToken,
    callbackUrl: `${redirectUriOf(id)}?code=any&state=${state}`,
  });
}

let people = 0;
const person = (data: object) => {
  people += 1;
  const mails = ['first@example.com', `custom-${people}@example.com`];
  return { data: { id: `p-${people}`, mails, 'a/b': { '~ok': true }, name: 'Ada', ...data } };
};

test('O2-2: the pointers lead to the person, and the query of an endpoint stays', async () => {
  const { authorizationUrl } = await begin(server, { provider: 'acme' });
  expect(new URL(authorizationUrl).searchParams.get('audience')).toBe('people');
  const described = person({});
  const result = await arrive(described);
  expect(result).toMatchObject({
    __typename: 'SignedIn',
    viewer: { user: { email: described.data.mails[1], emailVerified: true, name: 'Ada' } },
  });
});

describe('O2-1: ids of other providers', () => {
  test.each<[unknown, string | null]>([
    ['Ünïcode', 'Ünïcode'],
    [7, '7'],
    [2 ** 53 - 1, '9007199254740991'],
    [0, null],
    [-7, null],
    [1.5, null],
    [2 ** 53, null],
    ['0', null],
    ['', null],
    ['a\nb', null],
    ['a\ud83d', null],
    ['a'.repeat(256), null],
    [{}, null],
    [[], null],
    [['7'], null],
    [true, null],
    [null, null],
    [undefined, null],
  ])('%j', async (id, subject) => {
    const before = await countRows(server);
    const described = person({ id });
    const result = await arrive(described);
    if (subject === null) {
      expect(result.__typename).toBe('OAuthFailedError');
      expect(await countRows(server)).toEqual(before);
      return;
    }
    const email = described.data.mails[1];
    const rows = await queryDatabase(
      server.app.deps.db,
      `select subject from identities where email = '${email}'`,
    );
    expect(rows).toEqual([{ subject }]);
  });
});

test.each([
  ['a list in place of the document', []],
  ['a text', 'x'],
  ['null', null],
  ['a prototype', JSON.parse('{"data":{"__proto__":{"id":"x"}}}')],
])('O2-1: %s describes nobody', async (_what, described) => {
  expect((await arrive(described)).__typename).toBe('OAuthFailedError');
});

test.each(['true', 1, {}, null, undefined, false])(
  'O2-2: %j at the pointer of the verification proves nothing',
  async (ok) => {
    const result = await arrive(person({ 'a/b': { '~ok': ok } }));
    expect(result).toMatchObject({ __typename: 'OAuthFailedError', reason: 'EMAIL_NOT_VERIFIED' });
  },
);

test('O2-4: endpoints on loopback are not asked for a provider of the internet', async () => {
  expect((await arrive(person({}), 'outside')).__typename).toBe('OAuthFailedError');
  expect(lastFailure(server)).toMatchObject({ reason: 'provider-unreachable', code: 'NOT_HTTPS' });
});
