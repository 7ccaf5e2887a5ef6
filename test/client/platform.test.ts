import { describe, expect, onTestFinished, vi } from 'vitest';
import type { Channel, Clock, Locks, SyncStorage } from '../../client/src/index.ts';
import { systemClock } from '../../client/src/ports.ts';
import { createRegistrations } from '../../client/src/proofs.ts';
import { keep } from '../../client/src/tokens.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { until } from '../support/until.ts';
import { createBrowser, signInWith } from './browser.ts';
import { createLocks, createStorage } from './tabs.ts';

/** What platforms do to a page: sandboxed frames, suspended tabs, full disks, old web views. */

const MINUTE = 60_000;
const clock = createFakeClock();

const test = testWithServer({ clock });

const refused = () => {
  throw new Error('SecurityError');
};
/** As after a tab was suspended while it held the lock. */
const suspended: Locks = { request: () => new Promise(() => {}) };

type Platform = {
  readonly locks?: Locks;
  readonly channel?: Channel;
  readonly storage?: SyncStorage;
  readonly clock?: (clock: Clock) => Clock;
};
const PLATFORMS: Readonly<Record<string, Platform>> = {
  'a tab that is suspended holds the lock': { locks: suspended },
  'locks are refused': { locks: { request: () => Promise.reject(new Error('SecurityError')) } },
  'locks throw': { locks: { request: refused } },
  'a lock is taken away while it is held': {
    locks: {
      request: (_name, hold) => {
        hold();
        return Promise.reject(new Error('AbortError'));
      },
    },
  },
  'the channel throws': {
    channel: { postMessage: refused, addEventListener: () => undefined, close: refused },
  },
  'the storage is full': { storage: { ...createStorage(), setItem: refused } },
  'the storage cannot be emptied': { storage: { ...createStorage(), removeItem: refused } },
  'the storage throws at everything': {
    storage: { getItem: refused, setItem: refused, removeItem: refused },
  },
  'timers are refused': {
    clock: (device) => ({ now: device.now, after: refused }),
  },
};

describe('P-1, P-2: no platform signs a person out', () => {
  test.for(Object.entries(PLATFORMS))(
    '%s',
    async ([_what, { clock: broken, ...platform }], { server }) => {
      const person = await signUp(server);
      const browser = createBrowser(server);
      const advance = async (milliseconds: number) => {
        clock.advance(milliseconds);
        browser.clock.advance(milliseconds);
      };
      const tab = browser.open({
        ...platform,
        ...(broken && { clock: broken(browser.clock) }),
      });
      onTestFinished(() => tab.close());
      const statuses: string[] = [];
      tab.subscribe(({ status }) => statuses.push(status));
      await signInWith(tab, browser.transport, person);
      const first = await tab.getAccessToken();

      // A refresh is due, and something blocks it: the current token is returned at once.
      await advance(14 * MINUTE + 10_000);
      expect(await tab.getAccessToken()).toBe(first);
      await until(async () => {
        await advance(10);
        return (await tab.getAccessToken()) !== first;
      });
      const second = await tab.getAccessToken();

      // After the token has expired, the call waits for the refresh, which then succeeds.
      await advance(16 * MINUTE);
      const asked = tab.getAccessToken();
      await advance(5000);
      expect(await asked).not.toBe(second);
      expect(new Set(statuses)).toEqual(new Set(['signed-in']));

      const token = (await asked) ?? '';
      expect(await tab.signOut()).toEqual({ revoked: true });
      const { data } = await server.graphql('{ viewer { user { id } } }', {}, { token });
      expect(data.viewer).toBeNull();
      expect(tab.state()).toEqual({ status: 'signed-out', because: 'signed-out' });
      expect(await tab.getAccessToken()).toBeNull();
    },
  );
});

test('P-1: a refresh waits five seconds for the lock of a suspended tab, and two tabs still get one successor', async ({
  server,
}) => {
  const person = await signUp(server);
  const browser = createBrowser(server);
  const tabs = [browser.open({ locks: suspended }), browser.open({ locks: createLocks() })];
  await signInWith(tabs[0] ?? expect.fail(), browser.transport, person);
  await browser.settle();
  const asked = tabs.map((tab) => tab.refresh());
  const other = await asked[1];
  browser.clock.advance(5000);
  expect(await asked[0]).toBe(other);
  expect(browser.network.refreshes).toBe(1);
});

test('P-1: the tokens of a tab that does not know of a sign-out do not undo it', async ({
  server,
}) => {
  const person = await signUp(server);
  const browser = createBrowser(server, { storage: 'memory' });
  let deliver = (_data: unknown) => {};
  const channel: Channel = {
    postMessage: () => undefined,
    addEventListener: (_type, listen) => {
      deliver = (data) => listen({ data });
    },
    close: () => undefined,
  };
  const tab = browser.open({ channel });
  await signInWith(tab, browser.transport, person);
  const state = tab.state();
  if (state.status !== 'signed-in') expect.fail(state.status);
  const kept = keep(
    { accessToken: state.accessToken, accessTokenExpiresAt: '' },
    browser.clock.now(),
  );
  await tab.signOut();
  deliver({ kind: 'tokens', kept });
  expect(tab.state()).toEqual({ status: 'signed-out', because: 'signed-out' });
  deliver({ kind: 'tokens', kept: { ...kept, sessionId: 'another' } });
  expect(tab.state().status).toBe('signed-in');
});

test('P-1: a listener that throws does not disturb the refresh', async ({ server }) => {
  const person = await signUp(server);
  const browser = createBrowser(server);
  const tab = browser.open();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    for (const one of others) process.on('unhandledRejection', one);
  });
  const mistake = new Error('The app’s own.');
  const stop = tab.subscribe(() => {
    throw mistake;
  });
  await signInWith(tab, browser.transport, person);
  expect(await tab.refresh()).not.toBeNull();
  expect(tab.state()).toMatchObject({ status: 'signed-in', offline: false });
  // The error is not lost: it is reported as an unhandled rejection.
  await until(() => unhandled.includes(mistake));
  stop();
  await tab.signOut();
});

describe('P-1: timers', () => {
  test('a delay that is too long for setTimeout becomes the longest possible one', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let runs = 0;
    systemClock.after(2 ** 31 + 5, () => {
      runs += 1;
    });
    vi.advanceTimersByTime(2 ** 31 - 2);
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
  });

  test.each(['', 'not a moment', '1970-01-01T00:00:00Z'])(
    'a token without a readable lifetime (%j) is not refreshed continuously',
    (accessTokenExpiresAt) => {
      const now = Date.parse('2026-11-29T12:00:00Z');
      const kept = keep({ accessToken: 'opaque', accessTokenExpiresAt }, now);
      expect(kept.dueAt).toBeGreaterThan(now + 10_000);
      expect(kept.expiresAt).toBeGreaterThan(kept.dueAt);
    },
  );
});

test('P-1: a mailed proof is sent although a suspended tab holds its lock, and one at a time if locks are refused', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let sent = 0;
  const send = async () => {
    sent += 1;
    return { __typename: 'SignedIn' };
  };
  const behind = createRegistrations({ storage: createStorage(), locks: suspended });
  const outcome = behind.prove({ token: 'one' }, send);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toEqual({ __typename: 'SignedIn' });

  let asks = 0;
  let most = 0;
  const refusing: Locks = { request: () => Promise.reject(new Error('SecurityError')) };
  const frame = createRegistrations({ storage: createStorage(), locks: refusing });
  const press = () =>
    frame.ask('a@example.com', async () => {
      asks += 1;
      most = Math.max(most, asks);
      await Promise.resolve();
      asks -= 1;
      return { __typename: 'EmailVerificationRequired' };
    });
  await Promise.all([press(), press(), press()]);
  expect([sent, most]).toEqual([1, 1]);
});

test('P-2: the proofs from mails are kept in memory if the storage is full', async () => {
  const errors: unknown[] = [];
  const registrations = createRegistrations({
    storage: { getItem: () => null, setItem: refused, removeItem: () => undefined },
    locks: null,
    onStorageError: (error) => errors.push(error),
  });
  const email = 'full@example.com';
  await registrations.ask(email, async () => ({
    __typename: 'EmailVerificationRequired',
    email,
    registrationToken: 'lkg_1',
  }));
  expect(registrations.tokenFor(email)).toBe('lkg_1');
  expect(errors).toEqual([new Error('SecurityError')]);
});
