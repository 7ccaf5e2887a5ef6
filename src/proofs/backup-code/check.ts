import type { Deps } from '../../deps.ts';
import type { HashOptions } from '../../kernel/ports.ts';
import type { BackupCodeText } from './code.ts';
import { findUnusedCode } from './store.ts';

/**
 * Judges a code without using it up, at the price of exactly one derivation: its first character
 * says which hash to compare with (BC-1).
 *
 * @returns the id of the code's row, or null when it is wrong or used
 * @throws ServerBusyError
 */
export async function checkBackupCode(
  deps: Pick<Deps, 'db' | 'hasher'>,
  presented: BackupCodeText & { readonly userId: string },
  waiting: HashOptions,
): Promise<string | null> {
  const code = await findUnusedCode(deps.db, presented);
  const isRight = await deps.hasher.verify(presented.text, code?.hash ?? null, waiting);
  return isRight && code ? code.id : null;
}
