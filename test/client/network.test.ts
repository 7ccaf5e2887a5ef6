import { describe, expect } from 'vitest';
import { logout } from '../../client/src/generated/operations.ts';
import { type TransportAnswer, UnreachableError } from '../../client/src/index.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { signIn, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { createBrowser, signInWith } from './browser.ts';

const MINUTE = 60_000;
const clock = createFakeClock();

const test = testWithServer({ clock });

async function openTab(server: TestServer, storage: 'memory' | 'local' | 'cookie' = 'local') {
  const person = await signUp(server);
  const browser = createBrowser(server, { storage });
  const tab = browser.open();
  await signInWith(tab, browser.transport, person);
  const advance = (milliseconds: number) => {
    clock.advance(milliseconds);
    browser.clock.advance(milliseconds);
  };
  return { ...browser, tab, person, advance };
}

describe('RR-6: a lost response', () => {
  test('is retried with the same token, and nobody is signed out', async ({ server }) => {
    const { tab, network } = await openTab(server);
    const before = await tab.getAccessToken();
    network.losesAnswers = 3;
    const after = await tab.refresh();
    expect(after).not.toBe(before);
    expect(network.refreshes).toBe(4);
    expect(await tab.refresh()).not.toBeNull();
  });

  test('and a page that was closed in between continues where it was', async ({ server }) => {
    const { tab, open, network, advance } = await openTab(server);
    network.losesAnswers = 4;
    await expect(tab.refresh()).rejects.toThrow(UnreachableError);
    tab.close();
    advance(20_000);
    const reopened = open();
    expect(await reopened.refresh()).not.toBeNull();
    expect(reopened.state().status).toBe('signed-in');
  });
});

describe('offline', () => {
  test('does not sign out: the token is used until it expires, and the session recovers when the network returns', async ({
    server,
  }) => {
    const { tab, network, advance } = await openTab(server);
    const before = await tab.getAccessToken();
    const states: string[] = [];
    tab.subscribe((state) => states.push(JSON.stringify(state)));
    network.isDown = true;
    advance(14 * MINUTE + 10_000);
    expect(await tab.getAccessToken()).toBe(before);
    await until(() => isOffline(tab.state()));
    expect(await tab.getAccessToken()).toBe(before);
    advance(2 * MINUTE);
    await expect(tab.getAccessToken()).rejects.toThrow(UnreachableError);
    expect(tab.state()).toMatchObject({ status: 'signed-in', offline: true });

    network.isDown = false;
    const after = await tab.getAccessToken();
    expect(after).not.toBeNull();
    expect(after).not.toBe(before);
    expect(tab.state()).toMatchObject({ status: 'signed-in', offline: false });
    expect(states.filter((state) => state.includes('signed-out'))).toEqual([]);
  });

  test('retries automatically, and as soon as the page is online', async ({ server }) => {
    const { tab, network, advance } = await openTab(server);
    network.isDown = true;
    await expect(tab.refresh()).rejects.toThrow(UnreachableError);
    network.isDown = false;
    advance(15_000);
    await until(() => network.refreshes === 1 && !isOffline(tab.state()));
  });

  test('RR-8: a fault, an outage behind a gateway or a limit does not sign out', async ({
    server,
  }) => {
    const answers: readonly TransportAnswer[] = [
      { errors: [{ message: 'Try again.', extensions: { code: 'SERVICE_UNAVAILABLE' } }] },
      { data: null, errors: [{ message: 'Unexpected error.' }] },
      { data: { refreshToken: { __typename: 'RateLimitedError', retryAfterSeconds: 60 } } },
      { data: { refreshToken: { __typename: 'SomethingNewError' } } },
      {},
    ];
    const person = await signUp(server);
    for (const answer of answers) {
      const { open, transport, network } = createBrowser(server);
      let isBroken = true;
      const tab = open({
        transport: async (request) => (isBroken ? answer : transport(request)),
      });
      await signInWith(tab, transport, person);
      await expect(tab.refresh()).rejects.toThrow(UnreachableError);
      expect(tab.state()).toMatchObject({ status: 'signed-in', offline: true });
      isBroken = false;
      expect(await tab.refresh()).not.toBeNull();
      expect(network.refreshes).toBe(1);
    }
  });

  test('signing out without a connection says so and removes the tokens all the same', async ({
    server,
  }) => {
    const { tab, network, shared } = await openTab(server);
    network.isDown = true;
    expect(await tab.signOut()).toEqual({ revoked: false });
    expect(tab.state().status).toBe('signed-out');
    expect(shared.getItem('latchkey')).toBeNull();
  });
});

function isOffline(state: { readonly status: string; readonly offline?: boolean }): boolean {
  return state.offline === true;
}

describe('SE-3: a revoked session', () => {
  test('ends in every tab with the next operation of one', async ({ server }) => {
    const { tab, open, person, settle } = await openTab(server);
    const other = open();
    const device = await signIn(server, person);
    await server.graphql('mutation { revokeOtherSessions { __typename } }', undefined, {
      token: device.accessToken,
    });
    const result = await tab.execute(logout);
    expect(result.__typename).toBe('NotAuthenticatedError');
    await settle();
    for (const one of [tab, other]) {
      expect(one.state()).toEqual({ status: 'signed-out', because: 'ended' });
    }
  });

  test('ends with the next scheduled refresh, without any operation', async ({ server }) => {
    const { tab, person, advance } = await openTab(server, 'memory');
    const device = await signIn(server, person);
    await server.graphql('mutation { revokeOtherSessions { __typename } }', undefined, {
      token: device.accessToken,
    });
    advance(14 * MINUTE + 1000);
    await until(() => tab.state().status === 'signed-out');
  });
});

test('foreign content in the storage is not a session', async ({ server }) => {
  const browser = createBrowser(server);
  for (const text of ['', '{', 'null', '[]', '{"accessToken":1}']) {
    browser.shared.setItem('latchkey', text);
    const tab = browser.open();
    expect(tab.state()).toEqual({ status: 'signed-out', because: 'never' });
    expect(await tab.getAccessToken()).toBeNull();
  }
  expect(browser.network.refreshes).toBe(0);
  browser.shared.setItem(
    'latchkey',
    JSON.stringify({ accessToken: 'a', refreshToken: 'made up', dueAt: 0, expiresAt: 0 }),
  );
  const tab = browser.open();
  expect(await tab.getAccessToken()).toBeNull();
  expect(tab.state()).toEqual({ status: 'signed-out', because: 'ended' });
});
