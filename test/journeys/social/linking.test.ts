import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/db/executor.ts';
import { build } from '../../../src/db/statement.ts';
import { auditEvents } from '../../../src/db/tables/audit-event.ts';
import { identities } from '../../../src/db/tables/identity.ts';
import { users } from '../../../src/db/tables/user.ts';
import { linkIdentity } from '../../../src/journeys/social/link.ts';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { findLiveSession } from '../../../src/session/store.ts';
import { createFakeClock } from '../../support/clock.ts';
import { type Person, signIn, signUp } from '../../support/journeys.ts';
import {
  IDENTITIES,
  REDIRECT_URI,
  roundTrip,
  START,
  startServerWith,
  UNLINK,
} from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';

const clock = createFakeClock();
let provider: ForgingProvider;
let server: TestServer;
beforeAll(async () => {
  provider = await startForgingProvider(clock);
  server = await startServerWith([provider.setting()], { clock });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const unlink = async (identityId: string, token: string) =>
  (await server.graphql(UNLINK, { input: { identityId } }, { token })).data.unlinkIdentity;

const eventsOf = async (userId: string) =>
  (
    await queryDatabase(
      server.app.deps.db,
      build.select().from(auditEvents).where(eq(auditEvents.userId, userId)),
    )
  ).map(({ type, detail }) => ({ type, detail }));

describe('hybrid accounts', () => {
  test('a person with a password must link, signs in, links, and then signs in either way', async () => {
    const person = await signUp(server);
    const claims = { sub: 'hybrid', email: person.email, email_verified: true };
    const stranger = await roundTrip(server, provider, claims);
    expect(stranger.__typename).toBe('AccountLinkRequiredError');
    const linked = await roundTrip(server, provider, claims, person.accessToken);
    expect(linked).toMatchObject({
      __typename: 'IdentityLinked',
      identity: { email: person.email, provider: { id: 'forger' } },
      viewer: { identities: [{ id: linked.identity.id }] },
    });
    const mail = await server.mailTo(person.email, 2);
    expect(mail.text).toContain('The forger');
    const byProvider = await roundTrip(server, provider, claims);
    expect(byProvider.viewer.user.id).toBe(person.userId);
    expect((await signIn(server, person)).userId).toBe(person.userId);
    const events = await eventsOf(person.userId);
    expect(events).toContainEqual({
      type: 'IDENTITY_LINKED',
      detail: { provider: 'forger', identity: linked.identity.id },
    });
    expect(events).toContainEqual({ type: 'SIGNED_IN', detail: { method: 'oauth' } });
    expect(events).toContainEqual({
      type: 'OAUTH_FAILED',
      detail: { reason: 'link-required', provider: 'forger' },
    });
  });

  test('an account has any number of identities, also with other addresses, and linking twice is linking once', async () => {
    const person = await signUp(server);
    const token = person.accessToken;
    for (const sub of ['one', 'two', 'one']) {
      clock.advance(1);
      const email = `${sub}@elsewhere.example`;
      const result = await roundTrip(
        server,
        provider,
        { sub, email, email_verified: false },
        token,
      );
      expect(result.__typename).toBe('IdentityLinked');
    }
    const { data } = await server.graphql(IDENTITIES, undefined, { token });
    expect(data.viewer.identities).toMatchObject([
      { email: 'one@elsewhere.example', provider: { name: 'The forger' } },
      { email: 'two@elsewhere.example' },
    ]);
    expect(data.viewer.user.email).toBe(person.email);
  });

  test('an identity of somebody else is not linked and not taken from them', async () => {
    const claims = { sub: 'owned', email: 'owner@example.com', email_verified: true };
    const owner = await roundTrip(server, provider, claims);
    const person = await signUp(server);
    const result = await roundTrip(server, provider, claims, person.accessToken);
    expect(result.__typename).toBe('OAuthFailedError');
    const again = await roundTrip(server, provider, claims);
    expect(again.viewer.user.id).toBe(owner.viewer.user.id);
  });

  test('without an access token startOAuth says that it does not link', async () => {
    const person = await signUp(server);
    const input = { provider: 'forger', redirectUri: REDIRECT_URI };
    const out = await server.graphql(START, { input });
    expect(out.data.startOAuth.links).toBe(false);
    const signedIn = await server.graphql(START, { input }, { token: person.accessToken });
    expect(signedIn.data.startOAuth.links).toBe(true);
    const over = await server.graphql(START, { input }, { token: `${person.accessToken}x` });
    expect(over.data.startOAuth.links).toBe(false);
  });
});

describe('PR-4: a link is rejected if its session ended while the provider was asked', () => {
  const proven = {
    issuer: 'https://id.example',
    subject: 'too-late',
    email: null,
    emailVerified: false,
    isRelayed: false,
    name: null,
    authenticatedAt: null,
  };
  const ends = {
    'by sign-out': async (person: Person) => {
      const logout = 'mutation { logout { __typename } }';
      await server.graphql(logout, undefined, { token: person.accessToken });
    },
    'by new credentials': async (person: Person) => {
      const changed = { credentialVersion: 2 };
      await queryDatabase(
        server.app.deps.db,
        build.update(users).set(changed).where(eq(users.id, person.userId)),
      );
    },
    'by disabling the account': async (person: Person) => {
      const disabled = { disabledAt: clock.now() };
      await queryDatabase(
        server.app.deps.db,
        build.update(users).set(disabled).where(eq(users.id, person.userId)),
      );
    },
  };

  test.each(Object.entries(ends))('%s is not made', async (_how, end) => {
    const { deps } = server.app;
    const person = await signUp(server);
    const wanted = { sessionId: person.sessionId, userId: person.userId, now: clock.now() };
    const viewer = await run(deps.db, findLiveSession(wanted));
    const configured = deps.identityProviders.find('forger');
    if (!viewer || !configured) throw new Error('There is nobody to link to.');
    await end(person);
    const client = { ipAddress: null, userAgent: null, requestId: 'test-request' };
    await expect(linkIdentity(deps, proven, configured, viewer, client)).rejects.toMatchObject({
      reason: 'session-ended',
    });
    const linked = eq(identities.userId, person.userId);
    expect(await countRowsOf(deps.db, identities, linked)).toBe(0);
  });
});

describe('SE-6: step-up', () => {
  test('linking requires a recent authentication and names the methods', async () => {
    const person = await signUp(server);
    const social = await roundTrip(server, provider, {
      sub: 'stale',
      email: 'stale@example.com',
      email_verified: true,
    });
    clock.advance(11 * MINUTE);
    const input = { provider: 'forger', redirectUri: REDIRECT_URI };
    const stepUp = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) {
      __typename ... on StepUpRequiredError { methods } } }`;
    for (const [token, method] of [
      [person.accessToken, 'PASSWORD'],
      [social.accessToken, 'EMAIL'],
    ] as const) {
      const { data } = await server.graphql(stepUp, { input }, { token });
      expect(data.startOAuth).toEqual({ __typename: 'StepUpRequiredError', methods: [method] });
    }
  });

  test('unlinking requires it too', async () => {
    const person = await signUp(server);
    const token = person.accessToken;
    const linked = await roundTrip(server, provider, { sub: 'to-unlink' }, token);
    clock.advance(11 * MINUTE);
    expect((await unlink(linked.identity.id, token)).__typename).toBe('StepUpRequiredError');
    const fresh = await signIn(server, person);
    const done = await unlink(linked.identity.id, fresh.accessToken);
    expect(done).toEqual({ __typename: 'IdentityUnlinked', viewer: { identities: [] } });
    const mail = await server.mailTo(person.email, 3);
    expect(mail.text).toContain('The forger was unlinked from your account');
    expect(await eventsOf(person.userId)).toContainEqual({
      type: 'IDENTITY_UNLINKED',
      detail: { provider: 'forger', identity: linked.identity.id, sessionsRevoked: 0 },
    });
    const out = await roundTrip(server, provider, { sub: 'to-unlink' });
    expect(out.__typename).toBe('OAuthFailedError');
  });
});

describe('OA-11: unlinking', () => {
  test('the last way of signing in cannot be unlinked', async () => {
    const claims = { sub: 'only', email: 'only@example.com', email_verified: true };
    const { accessToken, viewer } = await roundTrip(server, provider, claims);
    const refused = await unlink(viewer.identities[0].id, accessToken);
    expect(refused.__typename).toBe('LastCredentialError');
    expect((await roundTrip(server, provider, claims)).__typename).toBe('SignedIn');
  });

  test('SE-4: never somebody else’s, and what never was reads the same', async () => {
    const owner = await signUp(server);
    const linked = await roundTrip(server, provider, { sub: 'mine' }, owner.accessToken);
    const stranger = await signUp(server);
    for (const id of [linked.identity.id, stranger.userId, 'no id at all']) {
      const result = await unlink(id, stranger.accessToken);
      expect(result.__typename).toBe('NotFoundError');
    }
  });

  test('an identity of a provider that is no longer configured does not count as a way of signing in', async () => {
    const claims = { sub: 'left-over', email: 'left-over@example.com', email_verified: true };
    const social = await roundTrip(server, provider, claims);
    await queryDatabase(
      server.app.deps.db,
      `insert into identities (id, user_id, issuer, subject, linked_at)
       values (gen_random_uuid(), '${social.viewer.user.id}', 'https://gone.example/', 'x', now())`,
    );
    const { data } = await server.graphql(IDENTITIES, undefined, { token: social.accessToken });
    expect(data.viewer.identities).toContainEqual(
      expect.objectContaining({ provider: { id: 'gone.example', name: 'gone.example' } }),
    );
    const refused = await unlink(social.viewer.identities[0].id, social.accessToken);
    expect(refused.__typename).toBe('LastCredentialError');
  });
});
