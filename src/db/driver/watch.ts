import { sql } from 'drizzle-orm';
import { SECOND } from '../../kernel/duration.ts';
import type { Log } from '../../kernel/ports.ts';
import { run } from '../executor.ts';
import { LIMITS } from '../limits.ts';
import type { SchemaGate } from '../migrations/schema-gate.ts';
import { firstRow } from '../statement.ts';
import { closeDatabase, createDatabase } from './client.ts';

/** A connection beside the pool of requests that checks whether the database can serve them. */
export type DatabaseWatch = {
  /**
   * Checks the database once.
   *
   * @returns the reason why it cannot serve requests, or null if it can
   * @throws ServiceUnavailableError if it does not answer within a second
   */
  readonly look: (gate: Pick<SchemaGate, 'isCurrent'>) => Promise<string | null>;
  /** The result of the last check that was answered; null before. */
  readonly isReadOnly: () => boolean | null;
  /** Makes the next check open a new connection, to the server that the address leads to by then. */
  readonly renew: () => void;
  readonly close: () => Promise<void>;
};

/** This connection never waits for the pool, however busy the pool is. */
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
        return 'the database accepts no writes';
      }
      return (await gate.isCurrent(db)) ? null : 'the database schema does not match this version';
    },
    isReadOnly: () => isReadOnly,
    renew,
    close: () => closeDatabase(db),
  };
}

/** True for a standby, and for a primary that is configured to accept no writes. */
const IS_READ_ONLY = sql<{ readonly isReadOnly: boolean }>`select pg_is_in_recovery()
  or current_setting('transaction_read_only') = 'on' as "isReadOnly"`;

/** Discards log events. The pool of requests already logs them for the same address. */
const silent = () => undefined;
const QUIET: Log = { debug: silent, info: silent, warn: silent, error: silent };
