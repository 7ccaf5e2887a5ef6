import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRESET_NAMES } from '../../../src/settings/oauth-presets.ts';
import { createFakeClock } from '../../support/clock.ts';
import { type FakeProviders, startFakeProviders } from '../../support/fake-providers.ts';
import { signUp } from '../../support/journeys.ts';
import {
  begin,
  complete,
  countRows,
  IDENTITIES,
  lastFailure,
  redirectUriOf,
  UNLINK,
} from '../../support/oauth.ts';
import { arriveWith, comeBack, startServerWithPresets } from '../../support/presets.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { enrollTotp, totpCode, verify } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

/** Every preset against a fake that answers as the provider's documentation says. */

const clock = createFakeClock();
let fakes: FakeProviders;
let server: TestServer;
beforeAll(async () => {
  fakes = await startFakeProviders(clock);
  server = await startServerWithPresets(fakes, PRESET_NAMES, { clock });
});
afterAll(async () => {
  await server.close();
  fakes.close();
});

/** What each provider's documented person becomes: an address, or the reason why there is no account. */
const PEOPLE = {
  github: { email: 'octocat@example.com', name: 'The Octocat', subject: '583231' },
  apple: {
    email: 'ada.apple@example.com',
    name: null,
    subject: '000792.d71059495fa24644b94e4a644e2e3b4a.0638',
  },
  microsoft: {
    email: 'abe@example.com',
    name: 'Abe Lincoln',
    subject: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  },
  gitlab: { email: 'sid@example.com', name: 'Sid', subject: '1234567' },
  discord: { email: 'nelly@example.com', name: 'Nelly', subject: '80351110224678912' },
  facebook: { reason: 'EMAIL_NOT_VERIFIED', subject: '10158000000000001' },
  linkedin: { reason: 'EMAIL_NOT_VERIFIED', subject: '782bbtaQ' },
  slack: { reason: 'EMAIL_NOT_VERIFIED', subject: 'U123ABC456' },
  twitch: { reason: 'EMAIL_NOT_VERIFIED', subject: '713936733' },
  x: { reason: 'EMAIL_MISSING', subject: '2244994945' },
} as const;

describe.each(PRESET_NAMES)('%s', (name) => {
  test('O2-2: a new person has an account only if the provider proves the address', async () => {
    const before = await countRows(server);
    const result = await arriveWith(server, fakes, name);
    const expected = PEOPLE[name];
    if ('reason' in expected) {
      expect(result).toMatchObject({ __typename: 'OAuthFailedError', reason: expected.reason });
      expect(await countRows(server)).toEqual(before);
      return;
    }
    const { email, name: called } = expected;
    expect(result).toMatchObject({
      __typename: 'SignedIn',
      viewer: { user: { email, emailVerified: true, name: called } },
    });
    await queryDatabase(server.app.deps.db, sql`delete from users where email = ${email}`);
  });

  test('O2-1, O2-6: a linked person is found by issuer and id, and MF-5 holds', async () => {
    const person = await signUp(server);
    const linked = await arriveWith(server, fakes, name, person.accessToken);
    expect(linked.__typename).toBe('IdentityLinked');
    const { issuer, tenantIssuer = null } = Object(
      server.app.deps.config.oauth.providers.find(({ id }) => id === name),
    );
    const [row] = await queryDatabase(
      server.app.deps.db,
      sql`select issuer, subject from identities where user_id = ${person.userId}`,
    );
    const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
    expect(row).toEqual({
      issuer: tenantIssuer?.replace('{tenantid}', tenant) ?? issuer,
      subject: PEOPLE[name].subject,
    });
    const again = await arriveWith(server, fakes, name);
    expect(again.viewer.user.id).toBe(person.userId);

    const enrolled = await enrollTotp(server, person);
    clock.advance(30_000);
    const challenged = await arriveWith(server, fakes, name);
    expect(challenged).toMatchObject({
      __typename: 'MfaRequired',
      methods: ['TOTP', 'BACKUP_CODE'],
    });
    const code = totpCode(enrolled.secret, clock.now());
    const { __typename } = await verify(server, challenged.challengeToken, 'TOTP', code);
    expect(__typename).toBe('SignedIn');

    await queryDatabase(
      server.app.deps.db,
      sql`update users set disabled_at = now() where id = ${person.userId}`,
    );
    expect((await arriveWith(server, fakes, name)).__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'account-disabled', provider: name });
    await queryDatabase(server.app.deps.db, sql`delete from users where id = ${person.userId}`);
  });

  test('O2-6: unlinking ends the sessions that began with the provider', async () => {
    const person = await signUp(server);
    const token = person.accessToken;
    await arriveWith(server, fakes, name, token);
    const { accessToken } = await arriveWith(server, fakes, name);
    const { data } = await server.graphql(IDENTITIES, undefined, { token });
    const identityId = data.viewer.identities[0].id;
    const removed = await server.graphql(UNLINK, { input: { identityId } }, { token });
    expect(removed.data.unlinkIdentity.__typename).toBe('IdentityUnlinked');
    const ended = await server.graphql(IDENTITIES, undefined, { token: accessToken });
    expect(ended.data?.viewer ?? null).toBeNull();
    await queryDatabase(server.app.deps.db, sql`delete from users where id = ${person.userId}`);
  });

  test('O2-5: the provider’s own error for a wrong code is a failure', async () => {
    const { flowToken, callbackUrl } = await comeBack(server, fakes, name);
    const wrong = callbackUrl.replace(/code=[^&#]*/, 'code=wrong');
    const result = await complete(server, { flowToken, callbackUrl: wrong });
    expect(result.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)?.['reason']).toMatch(/^(provider-refused|answer-refused)$/);
    expect(JSON.stringify(lastFailure(server))).not.toMatch(/Invalid|incorrect|OAuthException/);
  });

  test('O2-3: a code challenge is sent unless the provider rejects it', async () => {
    const { authorizationUrl } = await begin(server, { provider: name });
    const asked = new URL(authorizationUrl).searchParams;
    const isSent = !['apple', 'linkedin', 'slack', 'twitch'].includes(name);
    expect(asked.get('code_challenge_method')).toBe(isSent ? 'S256' : null);
    expect(asked.get('state')).toMatch(/^[\w-]{43}$/);
    expect(asked.has('nonce')).toBe(
      ['apple', 'microsoft', 'gitlab', 'slack', 'twitch'].includes(name),
    );
    await comeBack(server, fakes, name);
  });

  test('O2-3: the answer of another provider is worthless', async () => {
    const other = PRESET_NAMES[(PRESET_NAMES.indexOf(name) + 1) % PRESET_NAMES.length] ?? 'github';
    const own = await comeBack(server, fakes, name);
    const foreign = await comeBack(server, fakes, other);
    const [mine, theirs] = [fakes.all[name], fakes.all[other]];
    const before = mine.received.length + theirs.received.length;
    const state = new URL(own.callbackUrl).searchParams.get('state') ?? '';
    const swapped = new URL(foreign.callbackUrl);
    swapped.searchParams.set('state', state);
    const reasons = [];
    for (const callbackUrl of [foreign.callbackUrl, swapped.href]) {
      const result = await complete(server, { flowToken: own.flowToken, callbackUrl });
      expect(result.__typename).toBe('OAuthFailedError');
      reasons.push(lastFailure(server)?.['reason']);
    }
    expect(reasons).toEqual(['state-mismatch', 'redirect-uri-mismatch']);
    expect(mine.received.length + theirs.received.length, 'nothing was sent').toBe(before);
    const code = swapped.searchParams.get('code');
    const brought = `${redirectUriOf(name)}?${new URLSearchParams({ code: code ?? '', state })}`;
    const injected = await complete(server, { flowToken: own.flowToken, callbackUrl: brought });
    expect(injected.__typename).toBe('OAuthFailedError');
  });
});

describe('O2-2: Discord’s `verified` must be true', () => {
  const URL_OF_ME = 'https://discord.com/api/users/@me';
  test.each<[object, string | null]>([
    [{ verified: false }, 'EMAIL_NOT_VERIFIED'],
    [{ verified: null }, 'EMAIL_NOT_VERIFIED'],
    [{ verified: undefined }, 'EMAIL_NOT_VERIFIED'],
    [{ verified: 'true' }, 'EMAIL_NOT_VERIFIED'],
    [{ verified: 1 }, 'EMAIL_NOT_VERIFIED'],
    [{ verified: undefined, email_verified: true }, 'EMAIL_NOT_VERIFIED'],
    [{ email: null }, 'EMAIL_MISSING'],
    [{ email: undefined }, 'EMAIL_MISSING'],
    [{ email: 'no address' }, 'EMAIL_MISSING'],
    [{ email: ['nelly@example.com'] }, 'EMAIL_MISSING'],
  ])('%j: %s', async (change, reason) => {
    const { discord } = fakes.all;
    const documented = discord.documents.get(URL_OF_ME);
    discord.documents.set(URL_OF_ME, { ...Object(documented), ...change });
    const result = await arriveWith(server, fakes, 'discord');
    discord.documents.set(URL_OF_ME, documented);
    expect(result).toMatchObject({ __typename: 'OAuthFailedError', reason });
  });
});

test('LG-5, O2-2: a provider that proves nothing does not reveal who has an account', async () => {
  const url = 'https://graph.facebook.com/me?fields=id,name,email';
  const { facebook } = fakes.all;
  const documented = facebook.documents.get(url);
  const { email } = await signUp(server);
  const bodies = [];
  for (const address of [email, 'free@example.com']) {
    facebook.documents.set(url, { ...Object(documented), email: address });
    bodies.push(await arriveWith(server, fakes, 'facebook'));
  }
  facebook.documents.set(url, documented);
  expect(bodies[0]).toMatchObject({ __typename: 'OAuthFailedError', reason: 'EMAIL_NOT_VERIFIED' });
  expect(bodies[1]).toEqual(bodies[0]);
});

describe('O2-2: what else a provider says about an address proves nothing', () => {
  test.each<['facebook' | 'linkedin' | 'x', string, object]>([
    [
      'facebook',
      'https://graph.facebook.com/me?fields=id,name,email',
      { verified: true, email_verified: true },
    ],
    ['linkedin', 'https://api.linkedin.com/v2/userinfo', { email_verified: true }],
    ['x', 'https://api.x.com/2/users/me', { email: 'x@example.com', email_verified: true }],
  ])('%s', async (name, url, more) => {
    const fake = fakes.all[name];
    const documented = fake.documents.get(url);
    fake.documents.set(url, { ...Object(documented), ...more });
    const result = await arriveWith(server, fakes, name);
    fake.documents.set(url, documented);
    expect(result.__typename).toBe('OAuthFailedError');
    expect(result.reason).toMatch(/^EMAIL_(MISSING|NOT_VERIFIED)$/);
  });

  test.each<['gitlab' | 'slack' | 'twitch' | 'microsoft', object]>([
    ['gitlab', { email_verified: 'true' }],
    ['gitlab', { email_verified: false }],
    ['slack', { email_verified: true }],
    ['twitch', { email_verified: true }],
    ['microsoft', { xms_edov: undefined, email_verified: true }],
    ['microsoft', { xms_edov: false }],
  ])('%s with %j', async (name, claims) => {
    fakes.all[name].claims = { ...claims };
    const result = await arriveWith(server, fakes, name);
    fakes.all[name].claims = {};
    expect(result).toMatchObject({ __typename: 'OAuthFailedError', reason: 'EMAIL_NOT_VERIFIED' });
  });
});
