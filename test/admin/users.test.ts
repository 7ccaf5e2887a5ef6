import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { SECOND } from '../../src/kernel/duration.ts';
import { adminToken, giveRole } from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const ISSUER = 'https://idp.example';
const clock = createFakeClock();
const test = testWithServer({
  clock,
  env: {
    CLAIMS: '{"plan":"$attributes.plan","who":"$id","sid_copy":"$session.id"}',
    OAUTH_PROVIDERS:
      '[{"preset":"microsoft","clientId":"latchkey","clientSecret":"a secret of this test"}]',
  },
});

const reader = async (server: TestServer) => (await adminToken(server, ['USERS_READ'])).token;

const find = async (server: TestServer, by: object, fields = 'id') =>
  await server.admin(
    `query ($by: UserSelector!) { user(by: $by) { ${fields} } }`,
    { by },
    { token: await reader(server) },
  );

const person = async (server: TestServer, { userId }: Person, fields: string) =>
  (await find(server, { id: userId }, fields)).data.user;

const change = (server: TestServer, { userId }: Person, set: string) =>
  queryDatabase(server.app.deps.db, `update users set ${set} where id = '${userId}'`);

async function link(server: TestServer, { userId }: Person, issuer: string, subject: string) {
  await queryDatabase(
    server.app.deps.db,
    sql`insert into identities (id, user_id, issuer, subject, email, linked_at)
      values (${randomUUID()}::uuid, ${userId}::uuid, ${issuer}, ${subject}, 'p@idp.example', now())`,
  );
}

test('a person is found by id, address, linked account and id of another system, and nobody else is', async ({
  server,
}) => {
  const [wanted, other] = [await signUp(server), await signUp(server)];
  await change(server, wanted, `external_id = 'CRM-7'`);
  await link(server, wanted, ISSUER, 'subject-1');
  await link(server, other, 'https://another.example', 'subject-1');
  const found = { data: { user: { id: wanted.userId } } };
  for (const by of [
    { id: wanted.userId },
    { email: ` ${wanted.email.toUpperCase()}` },
    { externalId: 'CRM-7' },
    { identity: { provider: ISSUER, subject: 'subject-1' } },
  ])
    expect(await find(server, by), JSON.stringify(by)).toMatchObject(found);
  for (const by of [
    { id: randomUUID() },
    { id: 'no id' },
    { email: 'nobody@example.com' },
    { externalId: 'crm-7' },
    { identity: { provider: ISSUER, subject: 'subject-2' } },
  ])
    expect(await find(server, by), JSON.stringify(by)).toMatchObject({
      data: { user: null },
      errors: [],
    });
});

test('a person is found by every linked account as it is shown, whatever its tenant, and without a provider', async ({
  server,
}) => {
  const tenant = (n: number) =>
    `https://login.microsoftonline.com/00000000-0000-0000-0000-00000000000${n}/v2.0`;
  const [one, other] = [await signUp(server), await signUp(server)];
  for (const [issuer, subject] of [
    [tenant(1), 's1'],
    [tenant(2), 's2'],
    ['https://gone.example/a', 's1'],
  ] as const)
    await link(server, one, issuer, subject);
  // The same id elsewhere is another account.
  await link(server, other, 'https://elsewhere.example', 's1');
  await link(server, other, 'https://gone.example/b', 's2');
  for (const { userId, email } of [one, other]) {
    const { identities } = (await find(server, { email }, 'identities { issuer provider subject }'))
      .data.user;
    for (const { issuer, provider, subject } of identities)
      for (const name of [issuer, provider])
        expect(
          (await find(server, { identity: { provider: name, subject } })).data.user,
          `${name} ${subject}`,
        ).toEqual({ id: userId });
  }
  for (const provider of ['microsoft', 'login.microsoftonline.com'])
    expect((await find(server, { identity: { provider, subject: 's3' } })).data.user).toBeNull();
  // Two issuers at one host gave out the same id: only the issuer says whose it is.
  await link(server, other, 'https://gone.example/b', 's1');
  const by = (provider: string) => ({ identity: { provider, subject: 's1' } });
  expect((await find(server, by('gone.example'))).data.user).toBeNull();
  expect((await find(server, by('https://gone.example/b'))).data.user).toEqual({
    id: other.userId,
  });
});

test('a selector that names two people, or nobody, is refused', async ({ server }) => {
  const { userId, email } = await signUp(server);
  for (const by of [{ id: userId, email }, {}, { id: null }, { email: 'no address' }])
    expect((await find(server, by)).errors[0]?.extensions?.['code'], JSON.stringify(by)).toBe(
      'BAD_USER_INPUT',
    );
});

test('the profile, the state and the ways in of a person are there', async ({ server }) => {
  const one = await signUp(server);
  await link(server, one, ISSUER, 'subject-9');
  await change(
    server,
    one,
    `picture = 'https://example.com/p.png', locale = 'de', external_id = 'X-1', preferences = '{"dark":true}',
      disabled_reason = 'asked to', last_sign_in_at = '2026-01-02T03:04:05Z'`,
  );
  const fields = `picture locale externalId preferences disabledReason lastSignInAt
    identities { provider subject email } passkeys { id }
    mfa { enabled totp email passkey backupCodesRemaining }`;
  expect(await person(server, one, fields)).toEqual({
    picture: 'https://example.com/p.png',
    locale: 'de',
    externalId: 'X-1',
    preferences: { dark: true },
    disabledReason: 'asked to',
    lastSignInAt: '2026-01-02T03:04:05.000Z',
    identities: [{ provider: 'idp.example', subject: 'subject-9', email: 'p@idp.example' }],
    passkeys: [],
    mfa: { enabled: false, totp: false, email: false, passkey: false, backupCodesRemaining: 0 },
  });
});

test('AD-7: the sessions of a person come page by page, and another person’s cursor is refused', async ({
  server,
}) => {
  const one = await signUp(server);
  clock.advance(1);
  await signIn(server, one);
  const page = async (id: string, after: string | null) =>
    await find(
      server,
      { id },
      `sessions(first: 1, after: ${JSON.stringify(after)}) {
        edges { cursor node { id methods } } pageInfo { hasNextPage endCursor } }`,
    );
  const { sessions } = (await page(one.userId, null)).data.user;
  const [{ cursor }] = sessions.edges;
  expect(sessions.pageInfo).toEqual({ hasNextPage: true, endCursor: cursor });
  const last = (await page(one.userId, cursor)).data.user.sessions;
  expect(last.pageInfo.hasNextPage).toBe(false);
  expect(last.edges[0].node).toEqual({ id: one.sessionId, methods: ['email'] });
  const stranger = await signUp(server);
  const { errors } = await page(stranger.userId, cursor);
  expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
});

test('CL-1: the preview of the claims says what the next token would', async ({ server }) => {
  const one = await signUp(server);
  // A token says nothing about roles if there are none.
  expect((await person(server, one, 'claimsPreview')).claimsPreview).toEqual({
    who: one.userId,
    sid_copy: 'preview',
  });
  expect(decodeJwt(one.accessToken)).not.toHaveProperty('roles');
  await giveRole(server, one, 'writer');
  await change(server, one, `attributes = '{"plan":"gold"}'`);
  const { claimsPreview } = await person(server, one, 'claimsPreview');
  const preview = { roles: ['writer'], plan: 'gold', who: one.userId };
  expect(claimsPreview).toEqual({ ...preview, sid_copy: 'preview' });
  const { accessToken } = await signIn(server, one);
  const issued = decodeJwt(accessToken);
  expect(issued).toMatchObject({ ...preview, sid_copy: issued['sid'] });
});

test('an account that strangers have closed by guessing says until when', async ({ server }) => {
  const one = await signUp(server);
  const blockers = async () =>
    (await person(server, one, 'signInBlockers { kind until }')).signInBlockers;
  expect(await blockers()).toEqual([]);
  let outcome = '';
  let retryAfter = 0;
  for (let guess = 0; guess < 100 && outcome !== 'RateLimitedError'; guess += 1) {
    const input = { email: one.email, password: `wrong ${guess}` };
    const address = `203.0.113.${guess}`;
    const { login } = (await server.graphql(LOGIN, { input }, { address })).data;
    outcome = login.__typename;
    retryAfter = login.retryAfterSeconds;
  }
  expect(outcome).toBe('RateLimitedError');
  const [{ kind, until }] = await blockers();
  expect(kind).toBe('RATE_LIMITED');
  const seconds = (Date.parse(until) - clock.now().getTime()) / SECOND;
  expect(Math.abs(seconds - retryAfter)).toBeLessThanOrEqual(1);
  await change(server, one, `disabled_at = now()`);
  expect((await blockers()).map((one: { kind: string }) => one.kind)).toEqual([
    'RATE_LIMITED',
    'DISABLED',
  ]);
  clock.advance(retryAfter * SECOND);
  expect((await blockers()).map((one: { kind: string }) => one.kind)).toEqual(['DISABLED']);
});
