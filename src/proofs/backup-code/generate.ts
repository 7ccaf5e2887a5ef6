import type { BackupCode } from '../../db/tables/second-factor.ts';
import type { Deps } from '../../deps.ts';
import { newId } from '../../kernel/id.ts';
import type { HashOptions } from '../../kernel/ports.ts';
import { groupedBackupCode, randomBackupCodes } from './code.ts';

/** A set that is not stored yet. */
export type NewBackupCodes = {
  /** The codes to show, only this once. */
  readonly shown: readonly string[];
  readonly rows: readonly BackupCode[];
};

/**
 * Creates a set. The hashes are derived one after the other, so that the ten of them occupy one slot of the
 * queue at a time. Call it outside any transaction.
 *
 * @throws ServerBusyError
 */
export async function generateBackupCodes(
  deps: Pick<Deps, 'clock' | 'random' | 'hasher'>,
  userId: string,
  waiting: HashOptions,
): Promise<NewBackupCodes> {
  const codes = randomBackupCodes(deps.random);
  const rows: BackupCode[] = [];
  for (const [position, code] of codes.entries()) {
    const hash = await deps.hasher.hash(code, waiting);
    const createdAt = deps.clock.now();
    rows.push({ id: newId(deps), userId, position, hash, createdAt, usedAt: null });
  }
  return { shown: codes.map(groupedBackupCode), rows };
}
