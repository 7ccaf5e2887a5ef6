import type { Log } from '../../kernel/ports.ts';
import type { Executor } from '../executor.ts';
import {
  isCurrent,
  type MigrationStatus,
  migrationStatus,
  refuseOutdated,
} from './migration-status.ts';
import type { Migration } from './migrations.ts';

/** Decides whether this version can work with the database as it is now. */
export type SchemaGate = {
  /** @throws MigrationError if the database is behind, newer and incompatible, or contradictory */
  refuseOutdated(): Promise<void>;
  /** @param executor replaces the executor of the gate */
  isCurrent(executor?: Executor): Promise<boolean>;
};

/**
 * Creates a gate that queries the database at each call, because the database is migrated while servers of
 * the previous version still run (F-16). If a server keeps running with a newer database, the gate logs that
 * once (CF-5).
 */
export function createSchemaGate(
  db: Executor,
  migrations: readonly Migration[],
  log: Log,
): SchemaGate {
  let reported = '';

  const readStatus = async (executor: Executor): Promise<MigrationStatus> => {
    const status = await migrationStatus(executor, migrations);
    const newer = status.unknown.join(', ');
    if (isCurrent(status) && newer !== reported) {
      log.warn({ migrations: status.unknown }, 'database newer than this version');
      reported = newer;
    }
    return status;
  };

  return {
    refuseOutdated: async () => refuseOutdated(await readStatus(db)),
    isCurrent: async (executor = db) => isCurrent(await readStatus(executor)),
  };
}
