import { recordAdded } from '../access-ledger/record.ts';
import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { pipeline } from '../db/pipeline.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import type { Client } from '../kernel/ports.ts';
import { sourceOf } from '../kernel/source.ts';
import { generateBackupCodes, type NewBackupCodes } from '../proofs/backup-code/generate.ts';
import {
  deleteBackupCodes,
  hasBackupCodes,
  insertBackupCodes,
} from '../proofs/backup-code/store.ts';

/**
 * The backup codes for a first factor, hashed before the transaction that stores them.
 *
 * @returns null for a person who already has a set
 * @throws ServerBusyError
 */
export async function backupCodesIfNone(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'hasher'>,
  userId: string,
  client: Client,
  signal: AbortSignal,
): Promise<NewBackupCodes | null> {
  if (await run(deps.db, hasBackupCodes(userId))) return null;
  return await generateBackupCodes(deps, userId, { source: sourceOf(client), signal });
}

/**
 * Stores the codes of {@link backupCodesIfNone}, in the transaction that enables the factor and with the
 * person locked.
 *
 * @returns the codes to show; null for a person who already has a set
 */
export async function storeFirstBackupCodes(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  { user, session }: Authentication,
  fresh: { readonly codes: NewBackupCodes | null; readonly client: Client },
): Promise<readonly string[] | null> {
  const { codes, client } = fresh;
  const userId = user.id;
  // Another factor may have been confirmed while these codes were hashed. Its set was already shown.
  if (!codes || (await run(tx, hasBackupCodes(userId)))) return null;
  const by = { userId, sessionId: session.id };
  await pipeline(tx, [
    deleteBackupCodes(userId),
    insertBackupCodes(codes.rows),
    recordAdded(deps, { ...by, kind: 'backup-codes' }),
    recordAudit(deps, { ...by, type: 'BACKUP_CODES_GENERATED', client }),
  ]);
  return codes.shown;
}
