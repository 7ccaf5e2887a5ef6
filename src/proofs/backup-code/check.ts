import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { HashOptions } from '../../kernel/ports.ts';
import type { BackupCodeText } from './code.ts';
import { findUnusedCode } from './store.ts';

/**
 * Verifies a code without using it up, at the cost of exactly one derivation: its first character selects the
 * hash to compare with (BC-1).
 *
 * @returns the id of the code's row, or null if the code is wrong or used
 * @throws ServerBusyError
 */
export async function checkBackupCode(
  deps: Pick<Deps, 'db' | 'hasher'>,
  presented: BackupCodeText & { readonly userId: string },
  waiting: HashOptions,
): Promise<string | null> {
  const code = await run(deps.db, findUnusedCode(presented));
  const isRight = await deps.hasher.verify(presented.text, code?.hash ?? null, waiting);
  return isRight && code ? code.id : null;
}
