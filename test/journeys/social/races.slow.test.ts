import { afterAll, beforeAll, expect } from 'vitest';
import { testWithProviders } from '../../support/fixture.ts';
import { begin, complete, countRows, roundTrip, UNLINK } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { trialsOr } from '../../support/trials.ts';

const ROUNDS = trialsOr(6);
const COPIES = 10;

let provider: ForgingProvider;
let other: ForgingProvider;

const test = testWithProviders(() => [provider.setting(), other.setting('other')]);
beforeAll(async () => {
  provider = await startForgingProvider();
  other = await startForgingProvider();
});
afterAll(async () => {
  await provider.close();
  await other.close();
});

function tally(results: readonly { __typename: string }[]) {
  return results.filter((result) => result.__typename === 'SignedIn').length;
}

test(`OA-10: ${COPIES} parallel copies of one callback, ${ROUNDS} times: one user, one link, one session each`, {
  timeout: 10_000 + ROUNDS * 2_000,
}, async ({ server }) => {
  const before = await countRows(server);
  let sessions = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    provider.claims = {
      sub: `copy-${round}`,
      email: `copy-${round}@example.com`,
      email_verified: true,
    };
    const { flowToken, authorizationUrl } = await begin(server);
    const callbackUrl = await provider.visit(authorizationUrl);
    const copies = Array.from({ length: COPIES }, () =>
      complete(server, { flowToken, callbackUrl }),
    );
    sessions += tally(await Promise.all(copies));
  }
  const after = await countRows(server);
  expect(sessions).toBe(ROUNDS);
  expect(after).toEqual({
    users: before.users + ROUNDS,
    identities: before.identities + ROUNDS,
    sessions: before.sessions + ROUNDS,
  });
});

test(`OA-10: ${COPIES} concurrent first sign-ins of one person, ${ROUNDS} times: one user and one link`, {
  timeout: 10_000 + ROUNDS * 3_000,
}, async ({ server }) => {
  const before = await countRows(server);
  for (let round = 0; round < ROUNDS; round += 1) {
    const claims = {
      sub: `twice-${round}`,
      email: `twice-${round}@example.com`,
      email_verified: true,
    };
    const all = Array.from({ length: COPIES }, () => roundTrip(server, provider, claims));
    expect(tally(await Promise.all(all))).toBe(COPIES);
  }
  const after = await countRows(server);
  expect(after.users - before.users).toBe(ROUNDS);
  expect(after.identities - before.identities).toBe(ROUNDS);
});

test(`OA-5: people of two providers with the same new address, ${ROUNDS} times: one gets the account`, {
  timeout: 10_000 + ROUNDS * 2_000,
}, async ({ server }) => {
  const before = await countRows(server);
  for (let round = 0; round < ROUNDS; round += 1) {
    const claims = { email: `one-address-${round}@example.com`, email_verified: true };
    const results = await Promise.all(
      [provider, other].map((one) =>
        roundTrip(server, one, { ...claims, sub: `subject-${round}` }),
      ),
    );
    expect(results.map((result) => result.__typename).toSorted()).toEqual([
      'AccountLinkRequiredError',
      'SignedIn',
    ]);
  }
  const after = await countRows(server);
  expect(after.users - before.users).toBe(ROUNDS);
  expect(after.identities - before.identities).toBe(ROUNDS);
});

test(`OA-11: both identities of a person without a password unlinked concurrently, ${ROUNDS} times: one stays`, {
  timeout: 10_000 + ROUNDS * 2_000,
}, async ({ server }) => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const email = `pair-${round}@example.com`;
    const claims = { sub: `pair-${round}-a`, email, email_verified: true };
    const first = await roundTrip(server, provider, claims);
    const token = first.accessToken;
    const linked = await roundTrip(server, provider, { sub: `pair-${round}-b` }, token);
    const ids = [first.viewer.identities[0].id, linked.identity.id];
    const results = await Promise.all(
      ids.map((identityId) => server.graphql(UNLINK, { input: { identityId } }, { token })),
    );
    expect(results.map(({ data }) => data.unlinkIdentity.__typename).toSorted()).toEqual([
      'IdentityUnlinked',
      'LastCredentialError',
    ]);
  }
});

test(`OA-5: one identity linked to two accounts concurrently, ${ROUNDS} times: one gets it`, {
  timeout: 10_000 + ROUNDS * 3_000,
}, async ({ server }) => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const people = await Promise.all(
      ['a', 'b'].map((one) => {
        const email = `wants-${round}-${one}@example.com`;
        return roundTrip(server, one === 'a' ? provider : other, {
          sub: email,
          email,
          email_verified: true,
        });
      }),
    );
    const claims = { sub: `wanted-${round}` };
    const results = await Promise.all(
      people.map((person) => roundTrip(server, provider, claims, person.accessToken)),
    );
    expect(results.map((result) => result.__typename).toSorted()).toEqual([
      'IdentityLinked',
      'OAuthFailedError',
    ]);
  }
});
