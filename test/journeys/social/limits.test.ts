import { afterAll, beforeAll, expect } from 'vitest';
import { run } from '../../../src/db/executor.ts';
import { unlinkIdentity } from '../../../src/journeys/social/unlink.ts';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { NotAuthenticatedError } from '../../../src/kernel/errors.ts';
import { findLiveSession } from '../../../src/session/store.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithProviders } from '../../support/fixture.ts';
import { signIn, signUp } from '../../support/journeys.ts';
import { countRows, REDIRECT_URI, roundTrip, START, startServerWith } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';

const clock = createFakeClock();
let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()], { clock });
beforeAll(async () => {
  provider = await startForgingProvider(clock);
});
afterAll(async () => {
  await provider.close();
});

const begun = { provider: 'forger', redirectUri: REDIRECT_URI };
const COMPLETE = `mutation ($input: CompleteOAuthInput!) {
  completeOAuth(input: $input) { __typename } }`;

test('RL-4: one source may start 60 flows in 15 minutes, and others are not affected', async ({
  server,
}) => {
  const start = async (address: string) =>
    (await server.graphql(START, { input: begun }, { address })).data.startOAuth.__typename;
  for (let n = 0; n < 60; n += 1) expect(await start('198.51.100.7')).toBe('OAuthStarted');
  expect(await start('198.51.100.7')).toBe('RateLimitedError');
  expect(await start('198.51.100.8')).toBe('OAuthStarted');
  clock.advance(15 * MINUTE);
  expect(await start('198.51.100.7')).toBe('OAuthStarted');
}, 60_000);

test('RL-4: after 60 failed callbacks in 15 minutes from one source, the provider is not asked again', async ({
  server,
}) => {
  const input = { flowToken: 'x'.repeat(43), callbackUrl: `${REDIRECT_URI}?code=a&state=b` };
  const seen: string[] = [];
  for (let n = 0; n < 62; n += 1) {
    const { data } = await server.graphql(COMPLETE, { input }, { address: '198.51.100.9' });
    seen.push(data.completeOAuth.__typename);
  }
  expect(seen.filter((type) => type === 'OAuthFailedError')).toHaveLength(60);
  expect(seen.slice(60)).toEqual(['RateLimitedError', 'RateLimitedError']);
}, 60_000);

test('RR-9: a session without its required second factor can neither start nor complete a link', async () => {
  const env = { MFA_REQUIRED: 'true' };
  const strict = await startServerWith([provider.setting()], { clock, env });
  try {
    const person = await signUp(strict);
    const { accessToken: token } = await signIn(strict, person);
    const start = await strict.graphql(START, { input: begun }, { token });
    expect(start.data.startOAuth.__typename).toBe('MfaEnrollmentRequiredError');
    const input = { flowToken: 'x'.repeat(43), callbackUrl: `${REDIRECT_URI}?code=a&state=b` };
    const back = await strict.graphql(COMPLETE, { input }, { token });
    expect(back.data.completeOAuth.__typename).toBe('MfaEnrollmentRequiredError');
    expect((await countRows(strict)).identities).toBe(0);
  } finally {
    await strict.close();
  }
});

test('RR-4: an unlink whose session ended before it locked the account changes nothing', async ({
  server,
}) => {
  const { deps } = server.app;
  const person = await signUp(server);
  const linked = await roundTrip(server, provider, { sub: 'stays' }, person.accessToken);
  const wanted = { sessionId: person.sessionId, userId: person.userId, now: clock.now() };
  const viewer = await run(deps.db, findLiveSession(wanted));
  if (!viewer) throw new Error('Nobody is signed in.');
  const logout = 'mutation { logout { __typename } }';
  await server.graphql(logout, undefined, { token: person.accessToken });
  const client = { ipAddress: null, userAgent: null, requestId: 'test-request' };
  const before = await countRows(server);
  await expect(unlinkIdentity(deps, viewer, linked.identity.id, client)).rejects.toThrow(
    NotAuthenticatedError,
  );
  expect((await countRows(server)).identities).toBe(before.identities);
});
