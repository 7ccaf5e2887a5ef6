import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { config, random, type TestClock, testClock, testKeyring, testLog } from './support.ts';

/** A database of this test's own, and what an instance of the server brings along. */
export async function createWorld() {
  const database = await createTestDatabase();
  const clock = testClock();
  const open: (() => Promise<void>)[] = [];

  /** One more instance: a pool, a log and, if wanted, root secrets of its own. */
  const instance = (
    more: { readonly secrets?: readonly [string, ...string[]]; clock?: TestClock } = {},
  ) => {
    const log = testLog();
    const db = createDatabase({ url: database.url, poolSize: 4, log });
    open.push(() => closeDatabase(db));
    const keyring = testKeyring(...(more.secrets ?? ['root secret']));
    return { db, log, config, random, keyring, clock: more.clock ?? clock };
  };

  return {
    clock,
    instance,
    /** Stop this before the pools are closed. */
    onClose: (close: () => Promise<void>) => open.unshift(close),
    close: async () => {
      for (const close of open) await close();
      await database.drop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
