import { sql } from 'drizzle-orm';
import { SECOND } from '../../kernel/duration.ts';
import type { Log } from '../../kernel/ports.ts';
import { run } from '../executor.ts';
import { LIMITS } from '../limits.ts';
import type { SchemaGate } from '../migrations/schema-gate.ts';
import { firstRow } from '../statement.ts';
import { closeDatabase, createDatabase } from './client.ts';

/** A connection beside the pool of requests, to ask whether the database can serve them. */
export type DatabaseWatch = {
  /**
   * The reason why it cannot; null when it can.
   * @throws ServiceUnavailableError when it does not answer within a second
   */
  readonly look: (gate: Pick<SchemaGate, 'isCurrent'>) => Promise<string | null>;
  /** As the last look that was answered saw it; null before. */
  readonly isReadOnly: () => boolean | null;
  /** The next look opens another connection: to the server that the address leads to by then. */
  readonly renew: () => void;
  readonly close: () => Promise<void>;
};

/** However busy the pool is, this one waits for nobody. */
export function watchDatabase(url: string): DatabaseWatch {
  const limits = { ...LIMITS, call: SECOND };
  const applicationName = 'latchkey watch';
  const db = createDatabase({ url, poolSize: 1, log: QUIET, limits, applicationName });
  const { renew } = db.pool;
  let isReadOnly: boolean | null = null;
  return {
    async look(gate) {
      const row = await run(db, firstRow(IS_READ_ONLY));
      isReadOnly = row?.isReadOnly ?? null;
      if (isReadOnly) {
        renew();
        return 'the database takes no writes';
      }
      return (await gate.isCurrent(db)) ? null : 'the database is not of this version';
    },
    isReadOnly: () => isReadOnly,
    renew,
    close: () => closeDatabase(db),
  };
}

/** A standby, or a primary that was told to take no writes. */
const IS_READ_ONLY = sql<{ readonly isReadOnly: boolean }>`select pg_is_in_recovery()
  or current_setting('transaction_read_only') = 'on' as "isReadOnly"`;

/** What there is to say of the address is said by the pool of requests. */
const silent = () => undefined;
const QUIET: Log = { debug: silent, info: silent, warn: silent, error: silent };
