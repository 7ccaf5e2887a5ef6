import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../db/driver/client.ts';
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

/**
 * Rows looked at in one transaction. A pass begins small and finds its pace: it doubles while a batch takes
 * less than half of the time it may, and halves when one takes longer. So a table that is cold, or whose rows
 * are all over, is worked off in small transactions, and one where nearly everybody lives is read quickly.
 */
const BATCH = { first: 500, least: 100, most: 5_000 } as const;

/** Milliseconds that a batch may take: as long as its locks on dead rows last. */
const BATCH_TIME = 100;

/** Rest after each batch, in parts of the time it took: at most half of one connection is the purge's. */
const REST = 1;

type PassOptions = {
  readonly signal?: AbortSignal;
  /** Keeps every batch at this size. */
  readonly batch?: number;
  readonly rest?: number;
  /** Begins now, even while another instance is at it: that one then stops. */
  readonly always?: boolean;
  /** Work for what comes, by the same instance; before the purge, which may take long. */
  readonly ahead?: () => Promise<void>;
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
      const seen: PurgedPage = await page(db, { now, behind, limit: BATCH.most, isDryRun: true });
      found[table] = (found[table] ?? 0) + seen.removed;
      if (seen.seen < BATCH.most) break;
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
  { signal, batch, rest = REST, always = false, ahead }: PassOptions = {},
): Promise<Pass | null> {
  const begun = deps.clock.now();
  let lease = after(begun, EVERY);
  if (!(await takeTurn(deps.db, { due: always ? null : begun, until: lease }))) return null;
  const removed: Record<string, number> = {};
  const failed: string[] = [];

  const fail = (table: string, error: unknown) => {
    failed.push(table);
    deps.log.error({ err: error, table }, 'table purge failed');
  };

  /** @returns null when somebody else has taken over, after a long pause of this process */
  const purgePage = (purge: Purge, behind: string | null, limit: number) =>
    transaction(deps.db, async (tx) => {
      const now = deps.clock.now();
      const until = after(now, EVERY);
      if (!(await keepTurn(tx, { held: lease, until }))) return null;
      return { ...(await purge.page(tx, { now, behind, limit })), until };
    });

  const purgeTable = async (purge: Purge): Promise<'done' | 'lost'> => {
    let behind: string | null = null;
    let limit = batch ?? BATCH.first;
    while (!signal?.aborted) {
      const started = performance.now();
      let page: (PurgedPage & { readonly until: Date }) | null;
      try {
        page = await purgePage(purge, behind, limit);
      } catch (error) {
        // More than a statement's time can hold; or broken, which the smallest batch is then, too.
        if (batch !== undefined || limit === BATCH.least) throw error;
        limit = BATCH.least;
        continue;
      }
      if (!page) return 'lost';
      const took = performance.now() - started;
      lease = page.until;
      removed[purge.table] = (removed[purge.table] ?? 0) + page.removed;
      if (page.seen < limit) break;
      behind = page.last;
      limit = batch ?? nextBatch(limit, took);
      await sleep(Math.max(page.pause ?? 0, took) * rest);
    }
    return 'done';
  };

  if (ahead) await ahead().catch((error: unknown) => fail('audit_events', error));
  for (const purge of purges) {
    try {
      if ((await purgeTable(purge)) === 'lost') break;
    } catch (error) {
      fail(purge.table, error);
    }
  }
  return { removed, failed };
}

function nextBatch(limit: number, took: number): number {
  if (took > BATCH_TIME) return Math.max(BATCH.least, Math.floor(limit / 2));
  return took < BATCH_TIME / 2 ? Math.min(BATCH.most, limit * 2) : limit;
}
