import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from 'postgres';

/** How often it looks: a wait may be longer than it was seen by this much. */
const LOOK_EVERY = 5;

/** Watches for how long anybody waits for a table, a row or a transaction. */
export function watchLockWaits(sql: Sql): {
  /** The longest wait that was seen, in milliseconds. */
  readonly longest: () => number;
  stop(): Promise<void>;
} {
  let longest = 0;
  let stopped = false;
  const watch = async () => {
    while (!stopped) {
      // Processes that migrate take turns by an advisory lock: no other process waits for it.
      const [row] = await sql`
        select max(extract(epoch from clock_timestamp() - waitstart)) * 1000 as ms
        from pg_locks where not granted and locktype <> 'advisory'
          and pid in (select pid from pg_stat_activity where datname = current_database())`;
      longest = Math.max(longest, Number(row?.['ms'] ?? 0));
      await sleep(LOOK_EVERY);
    }
  };
  const watching = watch();
  return {
    longest: () => longest,
    async stop() {
      stopped = true;
      await watching;
    },
  };
}
