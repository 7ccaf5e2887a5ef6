import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { SECOND } from '../kernel/duration.ts';
import type { AccessTokenKeys } from '../kernel/signing.ts';
import type { UnreadableSigningKeyError } from './errors.ts';
import { keySet } from './key-set.ts';
import { nextRotation, nextStep } from './next-step.ts';
import { openSigningKeys } from './open.ts';
import type { OpenedKey } from './sealed-key.ts';
import { settle } from './settle.ts';
import { lockSigningKeys, selectSigningKeys } from './store.ts';
import type { KeyDates } from './timeline.ts';

type Needs = Pick<Deps, 'config' | 'clock' | 'random' | 'log' | 'db' | 'keyring'>;

/** The keys of this instance, kept up to date until stopped. */
export type LiveAccessTokenKeys = AccessTokenKeys & {
  /** Reads the keys again and does what rotation is due. Rejects when the database is away. */
  refresh(): Promise<void>;
  /** Since when the current key signs and when the next one takes over; null when none signs. */
  rotation(): { readonly activeSince: Date; readonly nextRotation: Date } | null;
  /** Ends the polling; resolves when nothing is under way any more. */
  stop(): Promise<void>;
};

/**
 * Loads the signing keys, makes the first, and from then on polls: a new key or a revocation is
 * known here within `pollEvery` (TK-11: 60 s at most). Without the database the instance goes on
 * with what it has.
 *
 * @throws UnreadableSigningKeyError when a key that matters cannot be opened: better no start than
 *   one that signs with the wrong key or refuses good tokens (TK-12, DR-2)
 */
export async function createAccessTokenKeys(
  deps: Needs,
  { pollEvery = 15 * SECOND }: { readonly pollEvery?: number } = {},
): Promise<LiveAccessTokenKeys> {
  let opened: ReadonlyMap<string, OpenedKey> = new Map();
  let current = keySet(deps.clock, [], opened);
  let known: readonly KeyDates[] = [];

  const load = async (onUnreadable: (error: UnreadableSigningKeyError) => void) => {
    const use = async (rows: Awaited<ReturnType<typeof selectSigningKeys>>) => {
      const unreadable = new Set<string>();
      opened = await openSigningKeys(deps, rows, opened, (error) => {
        onUnreadable(error);
        unreadable.add(error.kid);
      });
      // What cannot be opened takes no turn: the key before it goes on.
      const dates = rows.filter(({ kid }) => !unreadable.has(kid));
      current = keySet(deps.clock, dates, opened);
      known = dates;
    };
    const rows = await selectSigningKeys(deps.db);
    await use(rows);
    if (!nextStep(rows, deps.clock.now(), deps.config.signingKeyLifetime)) return;
    const settled = await transaction(deps.db, async (tx) => {
      await lockSigningKeys(tx);
      await settle(deps, tx);
      return await selectSigningKeys(tx);
    });
    await use(settled);
  };

  await load((error) => {
    throw error;
  });

  let last: Promise<void> = Promise.resolve();
  const refresh = () => {
    const next = () => load((error) => deps.log.error({ err: error }, 'signing key unreadable'));
    // One after the other, so that no older reading replaces a newer one; a failed one was told
    // to whoever asked for it.
    last = last.then(next, next);
    return last;
  };

  let stopped = false;
  const poll = async () => {
    try {
      await refresh();
    } catch (error) {
      deps.log.warn({ err: error }, 'signing key refresh failed');
    }
    if (!stopped) timer = setTimeout(poll, pollEvery).unref();
  };
  let timer = setTimeout(poll, pollEvery).unref();

  return {
    signingKey: () => current.signingKey(),
    verificationKey: (kid) => current.verificationKey(kid),
    published: () => current.published(),
    rotation: () => nextRotation(known, deps.clock.now(), deps.config.signingKeyLifetime),
    refresh,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.allSettled([last]);
    },
  };
}
