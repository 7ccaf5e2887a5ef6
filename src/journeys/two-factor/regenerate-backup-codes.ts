import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { generateBackupCodes } from '../../proofs/backup-code/generate.ts';
import { deleteBackupCodes, insertBackupCodes } from '../../proofs/backup-code/store.ts';
import {
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** A new set of backup codes, shown only this once. */
export type BackupCodesGenerated = Outcome<'BackupCodesGenerated'> & {
  readonly backupCodes: readonly string[];
  readonly viewer: Authentication;
};

/**
 * Creates a new set of backup codes. The old set is void once this commits (BC-5).
 *
 * @throws MfaNotEnabledError for a person without a second factor; NotAuthenticatedError,
 *   MfaEnrollmentRequiredError, StepUpRequiredError; ServerBusyError
 */
export async function regenerateBackupCodes(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'outbox'>,
  viewer: Authentication,
  client: Client,
  signal: AbortSignal,
): Promise<BackupCodesGenerated> {
  const userId = viewer.user.id;
  if (!requiresSecondFactor(await run(deps.db, enrolledSecondFactors(userId)))) {
    throw new MfaNotEnabledError();
  }
  const codes = await generateBackupCodes(deps, userId, { source: sourceOf(client), signal });
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    if (!requiresSecondFactor(await run(tx, enrolledSecondFactors(userId)))) return null;
    await pipeline(tx, [deleteBackupCodes(userId), insertBackupCodes(codes.rows)]);
    await run(
      tx,
      recordAudit(deps, {
        type: 'BACKUP_CODES_GENERATED',
        userId,
        sessionId: viewer.session.id,
        client,
      }),
    );
    const { user, session } = current;
    const act = { kind: 'backup-codes', sessionId: session.id } as const;
    const undo = await recordNewAccess(deps, tx, { user, act, client });
    const news = { at: deps.clock.now(), from: client, ...linkOf(undo) };
    await run(
      tx,
      enqueueMail(deps, {
        to: user.email,
        message: { template: 'backup-codes-regenerated', ...news },
      }),
    );
    return current;
  });
  if (!after) throw new MfaNotEnabledError();
  deps.outbox.wake();
  return { kind: 'BackupCodesGenerated', backupCodes: codes.shown, viewer: after };
}
