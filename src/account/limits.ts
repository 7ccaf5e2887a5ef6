import { recordAudit } from '../audit/record.ts';
import { type Executor, run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import {
  type Counter,
  countersOfAccount,
  countersOfSource,
  deleteCounters,
  selectCounters,
} from '../rate-limit/counters.ts';
import { listLiveSessions } from '../session/store.ts';
import { findUserByEmail } from '../user/store.ts';

/** The limits that an operator asks about: those of an address, with or without an account, or of a source. */
export type LimitsOf =
  | { readonly kind: 'address'; readonly email: string }
  | { readonly kind: 'source'; readonly ipAddress: string };

type ReadDeps = Pick<Deps, 'db' | 'clock' | 'keyring' | 'config'>;

/**
 * The largest number of sessions whose limits are shown. Hardly anybody has more; the limits of older
 * sessions are not shown.
 */
const MAX_SESSIONS = 200;

/** The counts of the rate limits of an address or a source. */
export async function showLimits(deps: ReadDeps, of: LimitsOf): Promise<readonly Counter[]> {
  const { places } = await placesOf(deps, deps.db, of);
  return await run(deps.db, selectCounters(deps, places));
}

/**
 * Resets the limits of an address and its account, or of a source. The limits of second factors (RL-8) are
 * stored elsewhere and are not reset: an attacker who guesses second factors already has the password.
 *
 * @returns what was reset
 */
export async function resetLimits(
  deps: Omit<ReadDeps, 'db'> & Pick<Deps, 'random' | 'act'>,
  tx: Executor,
  of: LimitsOf,
): Promise<readonly Counter[]> {
  const { places, userId } = await placesOf(deps, tx, of);
  const counters = await run(tx, selectCounters(deps, places));
  if (counters.length === 0) return [];
  await run(tx, deleteCounters(deps, places));
  await run(
    tx,
    recordAudit(deps, {
      type: 'RATE_LIMITS_RESET',
      userId,
      actorId: null,
      client: null,
      detail: {
        limits: [...new Set(counters.map(({ limit }) => limit))].join(', '),
        ...(of.kind === 'source' && { source: of.ipAddress }),
      },
    }),
  );
  return counters;
}

async function placesOf(
  { config, clock }: Pick<Deps, 'config' | 'clock'>,
  executor: Executor,
  of: LimitsOf,
) {
  if (of.kind === 'source') {
    return { places: countersOfSource(config, of.ipAddress), userId: null };
  }
  const user = await run(executor, findUserByEmail(of.email));
  const userId = user?.id ?? null;
  const page = { before: null, limit: MAX_SESSIONS, now: clock.now() };
  const sessions =
    userId === null ? [] : await run(executor, listLiveSessions({ userId, ...page }));
  const sessionIds = sessions.map(({ id }) => id);
  return { places: countersOfAccount(config, { email: of.email, userId, sessionIds }), userId };
}
