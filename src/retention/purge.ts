import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { acquireLease, renewLease } from '../db/leases.ts';
import type { PurgedPage, PurgePage } from '../db/purge-page.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after, MINUTE } from '../kernel/duration.ts';

/** The purge of one table. The room that owns the table knows which rows have expired. */
export type Purge = {
  readonly table: string;
  readonly page: (executor: Executor, page: PurgePage) => Promise<PurgedPage>;
};

/** The result of a pass: the removed rows of each table, and the tables that failed. */
export type Pass = {
  readonly removed: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
};

/** The length of a lease. The next pass begins when it has expired, whether or not the instance lives. */
export const LEASE = 10 * MINUTE;

/**
 * Rows that one transaction reads. A pass adapts the size: it doubles it while a batch takes less than
 * half of BATCH_TIME, and halves it after a batch that took longer. A table that is not in memory, or
 * whose rows have all expired, is purged in small transactions. A table of live rows is read quickly.
 */
const BATCH = { first: 500, least: 100, most: 5_000 } as const;

/** Milliseconds that a batch should take. Its locks on expired rows last as long. */
const BATCH_TIME = 100;

/** The pause after each batch, as a multiple of its duration: the purge uses at most half of one connection. */
const REST = 1;

type PassOptions = {
  readonly signal?: AbortSignal;
  /** A fixed size for every batch. */
  readonly batch?: number;
  readonly rest?: number;
  /** Takes the lease even if another instance holds it. That instance then stops its pass. */
  readonly force?: boolean;
  /** Runs before the purge, by the instance that holds the lease. */
  readonly prepare?: () => Promise<void>;
};

/** Counts the rows that a pass would remove now, without removing any. */
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
 * Runs one pass over all tables if this instance gets the lease. A table that fails is logged and left
 * to the next pass; the other tables are purged.
 *
 * @returns null if another instance holds the lease
 */
export async function purgeAll(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  purges: readonly Purge[],
  { signal, batch, rest = REST, force = false, prepare }: PassOptions = {},
): Promise<Pass | null> {
  const startedAt = deps.clock.now();
  let lease = after(startedAt, LEASE);
  const asOf = force ? null : startedAt;
  if (!(await run(deps.db, acquireLease({ task: 'purge', asOf, expiresAt: lease })))) return null;
  const removed: Record<string, number> = {};
  const failed: string[] = [];

  const fail = (table: string, error: unknown) => {
    failed.push(table);
    deps.log.error({ err: error, table }, 'table purge failed');
  };

  /** @returns null if another instance has taken the lease, which happens after a long pause of this process */
  const purgePage = (purge: Purge, behind: string | null, limit: number) =>
    transaction(deps.db, async (tx) => {
      const now = deps.clock.now();
      const expiresAt = after(now, LEASE);
      if (!(await run(tx, renewLease({ task: 'purge', current: lease, expiresAt })))) return null;
      return { ...(await purge.page(tx, { now, behind, limit })), expiresAt };
    });

  const purgeTable = async (purge: Purge): Promise<'done' | 'lost'> => {
    let behind: string | null = null;
    let limit = batch ?? BATCH.first;
    while (!signal?.aborted) {
      const started = performance.now();
      let page: (PurgedPage & { readonly expiresAt: Date }) | null;
      try {
        page = await purgePage(purge, behind, limit);
      } catch (error) {
        // The batch may have been too large for the statement timeout: try the smallest one. If the
        // smallest one fails as well, the table fails.
        if (batch !== undefined || limit === BATCH.least) throw error;
        limit = BATCH.least;
        continue;
      }
      if (!page) return 'lost';
      const took = performance.now() - started;
      lease = page.expiresAt;
      removed[purge.table] = (removed[purge.table] ?? 0) + page.removed;
      if (page.seen < limit) break;
      behind = page.last;
      limit = batch ?? nextBatch(limit, took);
      await sleep(Math.max(page.pause ?? 0, took) * rest);
    }
    return 'done';
  };

  if (prepare) await prepare().catch((error: unknown) => fail('audit_events', error));
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
