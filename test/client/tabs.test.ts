import { describe, expect } from 'vitest';
import type { Session } from '../../client/src/index.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type Browser, createBrowser, signInWith } from './browser.ts';

const REFRESHES = 100;
const ROUNDS = 20;

const test = testWithServer({ env: { DATABASE_POOL_SIZE: '20' } });

async function twoTabs(server: TestServer, browser: Browser) {
  const person = await signUp(server);
  const world = createBrowser(server, browser);
  const tabs = [world.open(), world.open()] as const;
  await signInWith(tabs[0], world.transport, person);
  await world.settle();
  return { ...world, tabs, person };
}

const isSignedIn = (tab: Session) => tab.state().status === 'signed-in';

const browsers: Readonly<Record<string, { readonly browser: Browser; readonly most: number }>> = {
  'storage, locks, channel': { browser: {}, most: ROUNDS },
  'memory, locks, channel': { browser: { storage: 'memory' }, most: ROUNDS },
  'storage, no locks': { browser: { locks: false }, most: 2 * ROUNDS },
  'storage, no channel': { browser: { channel: false }, most: ROUNDS },
  'storage, neither': { browser: { locks: false, channel: false }, most: 2 * ROUNDS },
  'memory, no locks': { browser: { storage: 'memory', locks: false }, most: 2 * ROUNDS },
};

test('a tab that looks before the message arrives still learns why its session has ended', async ({
  server,
}) => {
  const { tabs, settle } = await twoTabs(server, {});
  const signedOut = tabs[0].signOut();
  // The shared storage is already empty, and the message has not been delivered.
  expect(tabs[1].state()).toEqual({ status: 'signed-out', because: 'ended' });
  expect(await tabs[1].getAccessToken()).toBeNull();
  await signedOut;
  await settle();
  expect(tabs[1].state()).toEqual({ status: 'signed-out', because: 'signed-out' });
});

test('a tab that knows its session only from the storage reports that it has ended', async ({
  server,
}) => {
  const { tabs } = await twoTabs(server, { channel: false });
  expect(isSignedIn(tabs[1])).toBe(true);
  await tabs[0].signOut();
  expect(tabs[1].state()).toEqual({ status: 'signed-out', because: 'ended' });
});

describe('RR-5: two tabs', () => {
  test.for(Object.entries(browsers))(
    `${REFRESHES} refreshes in each at once, ${ROUNDS} rounds: 0 sign-outs (%s)`,
    { timeout: 60_000 },
    async ([_name, { browser, most }], { server }) => {
      const { tabs, network, settle } = await twoTabs(server, browser);
      let signOuts = 0;
      for (const tab of tabs) {
        tab.subscribe(({ status }) => {
          if (status === 'signed-out') signOuts += 1;
        });
      }
      for (let round = 0; round < ROUNDS; round += 1) {
        const tokens = await Promise.all(
          tabs.flatMap((tab) => Array.from({ length: REFRESHES }, () => tab.refresh())),
        );
        await settle();
        expect(tokens).not.toContain(null);
        expect(tabs.every(isSignedIn)).toBe(true);
      }
      expect(signOuts).toBe(0);
      expect(network.refreshes).toBeGreaterThanOrEqual(ROUNDS);
      expect(network.refreshes).toBeLessThanOrEqual(most);
    },
  );

  test('refresh once for both before the token expires, whatever the device’s clock says', async ({
    server,
  }) => {
    for (const skew of [0, -5 * 3_600_000, 5 * 3_600_000]) {
      const { tabs, network, clock, settle } = await twoTabs(server, { skew });
      const before = await tabs[0].getAccessToken();
      clock.advance(13 * 60_000);
      expect(await tabs[1].getAccessToken()).toBe(before);
      expect(network.refreshes).toBe(0);
      clock.advance(65_000);
      // A refresh is due and under way. Until it is done, the current token is used.
      expect(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).toEqual([before, before]);
      await until(async () => (await tabs[1].getAccessToken()) !== before);
      await settle();
      const [one, other] = await Promise.all(tabs.map((tab) => tab.getAccessToken()));
      expect(one).not.toBe(before);
      expect(other).toBe(one);
      expect(network.refreshes).toBe(1);
    }
  });

  test('learn of signing in and out at once, and the session has ended', async ({ server }) => {
    const { tabs, settle, person, transport } = await twoTabs(server, { storage: 'memory' });
    expect(tabs.every(isSignedIn)).toBe(true);
    const token = await tabs[1].getAccessToken();
    expect(await tabs[0].signOut()).toEqual({ revoked: true });
    await settle();
    for (const tab of tabs) {
      expect(tab.state()).toEqual({ status: 'signed-out', because: 'signed-out' });
      expect(await tab.getAccessToken()).toBeNull();
    }
    const { data } = await server.graphql('{ viewer { user { id } } }', {}, { token: token ?? '' });
    expect(data.viewer).toBeNull();
    await signInWith(tabs[1], transport, person);
    await settle();
    expect(tabs.every(isSignedIn)).toBe(true);
  });

  test('opened later, finds the first one’s session in memory', async ({ server }) => {
    const { open, settle, tabs } = await twoTabs(server, { storage: 'memory' });
    const third = open();
    expect(third.state().status).toBe('signed-out');
    await settle();
    expect(await third.getAccessToken()).toBe(await tabs[0].getAccessToken());
  });
});

test('signing out is not undone by a refresh under way', async ({ server }) => {
  for (const browser of Object.values(browsers).map((one) => one.browser)) {
    const { tabs, settle, network } = await twoTabs(server, browser);
    const refreshes = tabs.map((tab) => tab.refresh());
    await until(() => network.refreshes > 0);
    await tabs[0].signOut();
    await Promise.all(refreshes);
    await settle();
    // Without a channel, the other tab reads the storage, which is empty.
    expect(tabs.map((tab) => tab.state().status)).toEqual(['signed-out', 'signed-out']);
  }
});
