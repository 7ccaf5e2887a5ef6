import { sql } from 'drizzle-orm';
import type { Log } from '../kernel/ports.ts';
import { closeDatabase, createDatabase } from './client.ts';
import { LIMITS } from './limits.ts';
import type { Migration } from './migrations.ts';
import { createSchemaGate, type SchemaGate } from './schema-gate.ts';

/** A connection beside the pool of requests, to ask whether the database can serve them. */
export type DatabaseWatch = Pick<SchemaGate, 'refuseOutdated'> & {
  /**
   * The reason why it cannot; null when it can.
   * @throws ServiceUnavailableError when it does not answer within a second
   */
  readonly look: () => Promise<string | null>;
  readonly close: () => Promise<void>;
};

/** However busy the pool is, this one waits for nobody. */
export function watchDatabase(options: {
  readonly url: string;
  readonly migrations: readonly Migration[];
  readonly log: Log;
}): DatabaseWatch {
  const { url, migrations, log } = options;
  const db = createDatabase({ url, poolSize: 1, log: QUIET, limits: { ...LIMITS, call: 1_000 } });
  const gate = createSchemaGate(db, migrations, log);
  return {
    refuseOutdated: gate.refuseOutdated,
    async look() {
      const [row] = await db.execute<{ readonly isReadOnly: boolean }>(sql.raw(IS_READ_ONLY));
      if (row?.isReadOnly) {
        // The next look asks the server that the address leads to by then.
        db.$pool.renew();
        return 'the database takes no writes';
      }
      return (await gate.isCurrent()) ? null : 'the database is not of this version';
    },
    close: () => closeDatabase(db),
  };
}

/** A standby, or a primary that was told to take no writes. */
const IS_READ_ONLY = `select pg_is_in_recovery()
  or current_setting('transaction_read_only') = 'on' as "isReadOnly"`;

/** What there is to say of the address is said by the pool of requests. */
const silent = () => undefined;
const QUIET: Log = { debug: silent, info: silent, warn: silent, error: silent };
