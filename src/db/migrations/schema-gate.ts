import type { Log } from '../../kernel/ports.ts';
import type { Executor } from '../executor.ts';
import {
  isCurrent,
  type MigrationStatus,
  migrationStatus,
  refuseOutdated,
} from './migration-status.ts';
import type { Migration } from './migrations.ts';

/** Whether this version may work with the database as it is now. */
export type SchemaGate = {
  /** @throws MigrationError when it may not: behind, newer and incompatible, or contradictory */
  refuseOutdated(): Promise<void>;
  /** @param executor asks in the place of the gate's own */
  isCurrent(executor?: Executor): Promise<boolean>;
};

/**
 * Asks each time: the database is migrated while servers of the version before still answer
 * (F-16). That they go on beside something newer is said once in their log, never silent (CF-5).
 */
export function createSchemaGate(
  db: Executor,
  migrations: readonly Migration[],
  log: Log,
): SchemaGate {
  let told = '';

  const look = async (executor: Executor): Promise<MigrationStatus> => {
    const status = await migrationStatus(executor, migrations);
    const newer = status.unknown.join(', ');
    if (isCurrent(status) && newer !== told) {
      log.warn({ migrations: status.unknown }, 'database newer than this version');
      told = newer;
    }
    return status;
  };

  return {
    refuseOutdated: async () => refuseOutdated(await look(db)),
    isCurrent: async (executor = db) => isCurrent(await look(executor)),
  };
}
