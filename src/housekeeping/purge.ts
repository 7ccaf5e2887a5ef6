import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../db/client.ts';
import type { PurgedPage, PurgePage } from '../db/purge-page.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after, MINUTE } from '../kernel/duration.ts';
import { keepTurn, takeTurn } from './store.ts';

/** How one table is kept from growing for ever. The room that owns it knows what is over. */
export type Purge = {
  readonly table: string;
  readonly page: (executor: Executor, page: PurgePage) => Promise<PurgedPage>;
};

/** What a pass came to: rows removed a table, and the tables it could not finish. */
export type Pass = {
  readonly removed: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
};

/** From the end of one pass to the next; a pass whose instance died is begun again after as long. */
export const EVERY = 10 * MINUTE;

/** Rows looked at in one transaction: milliseconds of work, and the locks of as many dead rows. */
const BATCH = 500;

/** After each batch, so that a backlog of millions is worked off beside the traffic. */
const REST = 50;

type PassOptions = {
  readonly signal?: AbortSignal;
  readonly batch?: number;
  readonly rest?: number;
  /** Begins now, even while another instance is at it: that one then stops. */
  readonly always?: boolean;
};

/** Counts what a pass would remove now, and removes nothing. */
export async function countPurgeable(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  purges: readonly Purge[],
): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  const now = clock.now();
  for (const { table, page } of purges) {
    let behind: string | null = null;
    for (;;) {
      const seen: PurgedPage = await page(db, { now, behind, limit: BATCH, isDryRun: true });
      found[table] = (found[table] ?? 0) + seen.removed;
      if (seen.seen < BATCH) break;
      behind = seen.last;
    }
  }
  return found;
}

/**
 * One pass over all tables, by the one instance whose turn it is. A table that fails is logged and
 * left to the next pass; the others are purged all the same.
 *
 * @returns null when it was another instance's turn
 */
export async function purgeAll(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  purges: readonly Purge[],
  { signal, batch = BATCH, rest = REST, always = false }: PassOptions = {},
): Promise<Pass | null> {
  const begun = deps.clock.now();
  let lease = after(begun, EVERY);
  if (!(await takeTurn(deps.db, { due: always ? null : begun, until: lease }))) return null;
  const removed: Record<string, number> = {};
  const failed: string[] = [];

  /** @returns null when somebody else has taken over, after a long pause of this process */
  const purgePage = (purge: Purge, behind: string | null) =>
    transaction(deps.db, async (tx) => {
      const now = deps.clock.now();
      const until = after(now, EVERY);
      if (!(await keepTurn(tx, { held: lease, until }))) return null;
      return { ...(await purge.page(tx, { now, behind, limit: batch })), until };
    });

  const purgeTable = async (purge: Purge): Promise<'done' | 'lost'> => {
    let behind: string | null = null;
    while (!signal?.aborted) {
      const page: (PurgedPage & { readonly until: Date }) | null = await purgePage(purge, behind);
      if (!page) return 'lost';
      lease = page.until;
      removed[purge.table] = (removed[purge.table] ?? 0) + page.removed;
      if (page.seen < batch) break;
      behind = page.last;
      await sleep(rest);
    }
    return 'done';
  };

  for (const purge of purges) {
    try {
      if ((await purgeTable(purge)) === 'lost') break;
    } catch (error) {
      failed.push(purge.table);
      deps.log.error({ err: error, table: purge.table }, 'A table could not be purged.');
    }
  }
  return { removed, failed };
}
