import { run } from '../db/executor.ts';
import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Clock } from '../kernel/ports.ts';
import type { AccessTokenKeys } from '../kernel/signing.ts';
import type { UnreadableSigningKeyError } from './errors.ts';
import { applyDueRotation, nextRotation, nextStep } from './rotation.ts';
import { type OpenedKey, openSigningKeys } from './sealed-key.ts';
import { lockSigningKeys, selectSigningKeys } from './store.ts';
import { isExpired, type KeyDates, signingAt, validityPeriods } from './timeline.ts';

type Needs = Pick<Deps, 'config' | 'clock' | 'random' | 'log' | 'db' | 'keyring'>;

/** The signing keys of this instance, kept up to date until `stop()`. */
export type LiveAccessTokenKeys = AccessTokenKeys & {
  /** Reads the keys again and applies a due rotation. Rejects if the database is unavailable. */
  refresh(): Promise<void>;
  /** When the current key began to sign and when the next one takes over; null if no key signs. */
  rotation(): { readonly activeSince: Date; readonly nextRotation: Date } | null;
  /** Stops polling, and waits for the refresh under way. */
  stop(): Promise<void>;
};

/**
 * Loads the signing keys, creates the first ones, and then polls: an instance knows a new key or a
 * revocation within `pollEvery` (TK-11: at most 60 s). While the database is unavailable, the
 * instance continues with the keys it has.
 *
 * @throws UnreadableSigningKeyError if a key that has not expired cannot be opened. The server does not
 *   start then: it would sign with the wrong key or refuse valid tokens (TK-12, DR-2)
 */
export async function createAccessTokenKeys(
  deps: Needs,
  { pollEvery = 15 * SECOND }: { readonly pollEvery?: number } = {},
): Promise<LiveAccessTokenKeys> {
  let opened: ReadonlyMap<string, OpenedKey> = new Map();
  let current = keySet(deps.clock, [], opened);
  let known: readonly KeyDates[] = [];

  const load = async (onUnreadable: (error: UnreadableSigningKeyError) => void) => {
    const use = async (rows: readonly SigningKeyRow[]) => {
      const unreadable = new Set<string>();
      opened = await openSigningKeys(deps, rows, opened, (error) => {
        onUnreadable(error);
        unreadable.add(error.kid);
      });
      // An unreadable key never signs: the key before it continues.
      const dates = rows.filter(({ kid }) => !unreadable.has(kid));
      current = keySet(deps.clock, dates, opened);
      known = dates;
    };
    const rows = await run(deps.db, selectSigningKeys());
    await use(rows);
    if (!nextStep(rows, deps.clock.now(), deps.config.signingKeyLifetime)) return;
    const rotated = await transaction(deps.db, async (tx) => {
      await run(tx, lockSigningKeys());
      await applyDueRotation(deps, tx);
      return await run(tx, selectSigningKeys());
    });
    await use(rotated);
  };

  await load((error) => {
    throw error;
  });

  let last: Promise<void> = Promise.resolve();
  const refresh = () => {
    const next = () => load((error) => deps.log.error({ err: error }, 'signing key unreadable'));
    // One after another, so that no older reading replaces a newer one. The caller of a refresh
    // that failed has received its error.
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
      await last.catch(() => undefined);
    },
  };
}

/**
 * The keys as of the last reading. Each call compares their validity with the clock, so that a
 * successor takes over and a retired key expires on time while the database is unavailable.
 *
 * @param dates of all keys; expired and revoked ones decide which other keys do not sign
 * @param opened the usable keys, by kid
 */
function keySet(
  clock: Clock,
  dates: readonly KeyDates[],
  opened: ReadonlyMap<string, OpenedKey>,
): AccessTokenKeys {
  const periods = new Map(validityPeriods(dates).map((period) => [period.key.kid, period]));
  const accepted = (kid: string) => {
    const period = periods.get(kid);
    return period && isExpired(period, clock.now()) ? undefined : opened.get(kid);
  };
  return {
    signingKey() {
      const key = opened.get(signingAt(dates, clock.now())?.kid ?? '');
      if (!key) throw new ServiceUnavailableError();
      return key;
    },
    verificationKey: accepted,
    published: () => [...opened.keys()].flatMap((kid) => accepted(kid)?.jwk ?? []),
  };
}
