import { expect, test } from 'vitest';
import { authSettings } from '../../client/src/generated/operations.ts';
import { createSession } from '../../client/src/index.ts';
import { createStorage } from './tabs.ts';

/** React's `useSyncExternalStore` renders endlessly if every snapshot is a new object. */
test('the state is one object until it changes', () => {
  const storage = createStorage();
  const session = createSession({
    transport: async () => ({}),
    storage,
    locks: null,
    channel: null,
  });
  expect(session.state()).toBe(session.state());
  const before = session.state();
  session.signIn({ accessToken: 'one', accessTokenExpiresAt: '2999-01-01T00:00:00Z' });
  const after = session.state();
  expect(after).not.toBe(before);
  expect(session.state()).toBe(after);
  // What another tab wrote is visible at once, before its message arrives.
  storage.items.clear();
  expect(session.state().status).toBe('signed-out');
  session.close();
});

test('RL-3: the device token of a reset, which does not sign in, is sent with the next login', () => {
  const session = createSession({
    transport: async () => ({}),
    storage: createStorage(),
    locks: null,
    channel: null,
  });
  session.keepDevice(null);
  expect(session.deviceToken()).toBeNull();
  session.keepDevice('lkd_1');
  session.keepDevice(null);
  expect(session.deviceToken()).toBe('lkd_1');
  expect(session.state()).toEqual({ status: 'signed-out', because: 'never' });
  session.close();
});

test('executeAnonymously sends no access token, also while somebody is signed in', async () => {
  const tokens: unknown[] = [];
  const session = createSession({
    transport: async ({ accessToken }) => {
      tokens.push(accessToken);
      return { data: { authSettings: { passwordMinLength: 8 } } };
    },
    storage: createStorage(),
    locks: null,
    channel: null,
  });
  session.signIn({ accessToken: 'one', accessTokenExpiresAt: '2999-01-01T00:00:00Z' });
  await session.execute(authSettings);
  expect(await session.executeAnonymously(authSettings)).toEqual({ passwordMinLength: 8 });
  expect(tokens).toEqual(['one', null]);
  session.close();
});
