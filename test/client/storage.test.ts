import { describe, expect } from 'vitest';
import { type AsyncStorage, createSession, type SyncStorage } from '../../client/src/index.ts';
import { createRegistrations } from '../../client/src/proofs.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { until } from '../support/until.ts';
import { createBrowser, signInWith } from './browser.ts';
import { createStorage } from './tabs.ts';

const clock = createFakeClock();

let person: Person;
const test = testWithServer({ clock });

test.beforeEach(async ({ server }) => {
  person = await signUp(server);
});

/** `localStorage` with room for this many characters. */
function smallStorage(room: { left: number }): SyncStorage & {
  readonly items: Map<string, string>;
} {
  const storage = createStorage();
  return {
    ...storage,
    setItem: (key, value) => {
      const others = [...storage.items].filter(([name]) => name !== key).flat();
      if (others.join('').length + value.length > room.left) throw new Error('QuotaExceededError');
      storage.setItem(key, value);
    },
  };
}

describe('P-2: a full storage', () => {
  test('loses no rotated token: this page continues, and the next start does not look like a theft', async ({
    server,
  }) => {
    const room = { left: 1e6 };
    const storage = smallStorage(room);
    const browser = createBrowser(server);
    const mailsToPerson = () => server.mails.filter(({ to }) => to === person.email).length;
    const errors: unknown[] = [];
    const tab = browser.open({ storage, onStorageError: (error) => errors.push(error) });
    await signInWith(tab, browser.transport, person);
    expect(storage.getItem('latchkey')).not.toBeNull();
    room.left = 10;
    const mails = mailsToPerson();
    for (let round = 0; round < 3; round += 1) expect(await tab.refresh()).not.toBeNull();
    expect(errors).toEqual(Array(3).fill(new Error('QuotaExceededError')));
    expect(tab.state()).toMatchObject({ status: 'signed-in', offline: false });

    // A token that was replaced would be taken for a stolen one (RR-7).
    tab.close();
    clock.advance(60_000);
    browser.clock.advance(60_000);
    expect(storage.getItem('latchkey')).toBeNull();
    expect(await browser.open({ storage }).refresh()).toBeNull();
    expect(mailsToPerson()).toBe(mails);
  });

  test('is written again as soon as it has room', async ({ server }) => {
    const room = { left: 10 };
    const storage = smallStorage(room);
    const browser = createBrowser(server);
    const tab = browser.open({ storage });
    await signInWith(tab, browser.transport, person);
    expect(storage.items.has('latchkey')).toBe(false);
    room.left = 1e6;
    const token = await tab.refresh();
    expect(storage.getItem('latchkey')).toContain(token);
  });

  test('does not keep other tabs from the new tokens', async ({ server }) => {
    const room = { left: 1e6 };
    const storage = smallStorage(room);
    const browser = createBrowser(server);
    const tabs = [browser.open({ storage }), browser.open({ storage })] as const;
    await signInWith(tabs[0], browser.transport, person);
    await browser.settle();
    room.left = 10;
    const token = await tabs[0].refresh();
    await browser.settle();
    expect(await tabs[1].getAccessToken()).toBe(token);
    expect(await tabs[1].refresh()).not.toBe(token);
    await browser.settle();
    expect(await tabs[0].getAccessToken()).toBe(await tabs[1].getAccessToken());
    await tabs[1].signOut();
    await browser.settle();
    expect(tabs.map((tab) => tab.state().status)).toEqual(['signed-out', 'signed-out']);
  });

  test('whose error callback throws is treated like any full storage', async ({ server }) => {
    const browser = createBrowser(server);
    const onStorageError = () => {
      throw new Error('The report’s own.');
    };
    const tab = browser.open({ storage: smallStorage({ left: 0 }), onStorageError });
    await signInWith(tab, browser.transport, person);
    expect(await tab.refresh()).not.toBeNull();
  });
});

test('P-2: a token that cannot be removed is overwritten, or at least not used again', async ({
  server,
}) => {
  for (const setItem of [true, false]) {
    const items = createStorage();
    let isBroken = false;
    const fail = () => {
      throw new Error('broken');
    };
    const storage: SyncStorage = {
      getItem: items.getItem,
      setItem: (key, value) => (isBroken && !setItem ? fail() : items.setItem(key, value)),
      removeItem: (key) => (isBroken ? fail() : items.removeItem(key)),
    };
    const browser = createBrowser(server);
    const tab = browser.open({ storage });
    await signInWith(tab, browser.transport, person);
    isBroken = true;
    expect(await tab.signOut()).toEqual({ revoked: true });
    expect(tab.state().status).toBe('signed-out');
    expect(items.getItem('latchkey')).toEqual(setItem ? '' : expect.stringContaining('{'));
    // The next start finds a session that the server has ended, or none.
    expect(await browser.open({ storage }).refresh()).toBeNull();
  }
});

/** React Native's AsyncStorage: every answer arrives later. */
function createAsyncStorage() {
  const items = new Map<string, string>();
  const faults = { read: null as Error | null, write: null as Error | null, isStuck: false };
  const later = async (fault: Error | null) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (faults.isStuck) await new Promise(() => {});
    if (fault) throw fault;
  };
  const storage: AsyncStorage = {
    getItem: async (key) => {
      await later(faults.read);
      return items.get(key) ?? null;
    },
    setItem: async (key, value) => {
      await later(faults.write);
      items.set(key, value);
    },
    removeItem: async (key) => {
      await later(faults.write);
      items.delete(key);
    },
  };
  return { storage, items, faults };
}

describe('an asynchronous storage, as in React Native', () => {
  test('keeps a person signed in over a restart, with the newest tokens', async ({ server }) => {
    const { storage, items } = createAsyncStorage();
    const browser = createBrowser(server, { locks: false, channel: false });
    const app = browser.open({ storage });
    expect(app.state()).toEqual({ status: 'starting' });
    expect(await app.getAccessToken()).toBeNull();
    expect(app.state()).toEqual({ status: 'signed-out', because: 'never' });
    await signInWith(app, browser.transport, person);
    app.keepDevice('lkd_1');
    for (let round = 0; round < 5; round += 1) await app.refresh();
    const token = await app.getAccessToken();
    await until(() => items.get('latchkey')?.includes(token ?? '-'));
    app.close();

    const statuses: string[] = [];
    const restarted = browser.open({ storage });
    restarted.subscribe(({ status }) => statuses.push(status));
    expect(restarted.state()).toEqual({ status: 'starting' });
    expect(restarted.peek()).toBeNull();
    expect(await restarted.getAccessToken()).toBe(token);
    expect(restarted.deviceToken()).toBe('lkd_1');
    expect(statuses).toEqual(['signed-in']);
    expect(await restarted.refresh()).not.toBe(token);
    expect(browser.network.refreshes).toBe(6);
  });

  test('signing out before it was read ends the session in it', async ({ server }) => {
    const { storage, items } = createAsyncStorage();
    const browser = createBrowser(server, { locks: false, channel: false });
    const app = browser.open({ storage });
    await signInWith(app, browser.transport, person);
    const token = (await app.getAccessToken()) ?? '';
    await until(() => items.has('latchkey'));
    app.close();
    const restarted = browser.open({ storage });
    expect(await restarted.signOut()).toEqual({ revoked: true });
    const { data } = await server.graphql('{ viewer { user { id } } }', {}, { token });
    expect(data.viewer).toBeNull();
    await until(() => !items.has('latchkey'));
  });

  test('a sign-in before it was read is not undone by it', async ({ server }) => {
    const { storage, items } = createAsyncStorage();
    items.set('latchkey', JSON.stringify({ accessToken: 'old', dueAt: 9e15, expiresAt: 9e15 }));
    const browser = createBrowser(server, { locks: false, channel: false });
    const app = browser.open({ storage });
    await signInWith(app, browser.transport, person);
    const token = await app.getAccessToken();
    await until(() => items.get('latchkey')?.includes(token ?? '-'));
    expect(await app.getAccessToken()).toBe(token);
    expect(token).not.toBe('old');
  });

  test('P-2: that cannot be written is reported, and the session continues', async ({ server }) => {
    const { storage, faults } = createAsyncStorage();
    const browser = createBrowser(server, { locks: false, channel: false });
    const errors: unknown[] = [];
    const app = browser.open({ storage, onStorageError: (error) => errors.push(error) });
    await app.getAccessToken();
    faults.write = new Error('disk full');
    await signInWith(app, browser.transport, person);
    expect(await app.refresh()).not.toBeNull();
    await until(() => errors.length > 0);
    expect(errors[0]).toBe(faults.write);
    expect(await app.signOut()).toEqual({ revoked: true });
  });

  test('P-1: that cannot be read yet, as behind a locked screen, ends nothing and is read again', async ({
    server,
  }) => {
    const { storage, items, faults } = createAsyncStorage();
    const browser = createBrowser(server, { locks: false, channel: false });
    const app = browser.open({ storage });
    await signInWith(app, browser.transport, person);
    const token = await app.getAccessToken();
    await until(() => items.has('latchkey'));
    app.close();
    faults.read = new Error('User interaction is not allowed.');
    const restarted = browser.open({ storage });
    expect(await restarted.getAccessToken()).toBeNull();
    expect(items.has('latchkey')).toBe(true);
    faults.read = null;
    expect(await restarted.getAccessToken()).toBe(token);
    expect(restarted.state().status).toBe('signed-in');
  });

  test('P-1: that never responds is waited for five seconds', async ({ server }) => {
    const { storage, faults } = createAsyncStorage();
    faults.isStuck = true;
    const browser = createBrowser(server, { locks: false, channel: false });
    const errors: unknown[] = [];
    const app = browser.open({ storage, onStorageError: (error) => errors.push(error) });
    const asked = app.getAccessToken();
    browser.clock.advance(5000);
    expect(await asked).toBeNull();
    expect(errors).toEqual([new Error('The storage did not respond.')]);
    await signInWith(app, browser.transport, person);
    expect(await app.refresh()).not.toBeNull();
  });

  test('stores the proofs from mails', async () => {
    const { storage, items } = createAsyncStorage();
    const email = 'native@example.com';
    const outcome = { __typename: 'EmailVerificationRequired', email, registrationToken: 'lkg_2' };
    const first = createRegistrations({ storage, locks: null });
    await first.ask(email, async () => outcome);
    await until(() => items.size > 0);
    const restarted = createRegistrations({ storage, locks: null });
    const seen: unknown[] = [];
    await restarted.ask(email, async (token) => {
      seen.push(token);
      return outcome;
    });
    expect(seen).toEqual(['lkg_2']);
  });
});

test('P-1: `localStorage` as an option is memory where there is none', async () => {
  const errors: unknown[] = [];
  const session = createSession({
    transport: async () => ({}),
    storage: 'localStorage',
    onStorageError: (error) => errors.push(error),
  });
  session.signIn({ accessToken: 'one', accessTokenExpiresAt: '2999-01-01T00:00:00Z' });
  expect(await session.getAccessToken()).toBe('one');
  expect(errors).not.toEqual([]);
  session.close();
});
