import { recordRemoved } from '../../access-ledger/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import {
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { type FactorName, SECOND_FACTORS } from '../../second-factor/factors.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { factorsChanged } from './change-factors.ts';

/** A second factor was disabled. */
export type MfaDisabled = Outcome<'MfaDisabled'> & { readonly viewer: Authentication };

/**
 * Disables a second factor. It requires that one was proven recently (TO-7). If it is the last one, the backup
 * codes are deleted, and the session loses its proven second factor. If the server requires two-step
 * verification, disabling a factor does not exempt anybody from it (MF-7).
 *
 * @throws MfaNotEnabledError; NotAuthenticatedError, MfaEnrollmentRequiredError, StepUpRequiredError
 */
export async function disableFactor(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  viewer: Authentication,
  method: FactorName,
  client: Client,
): Promise<MfaDisabled> {
  const userId = viewer.user.id;
  const { kind, remove } = SECOND_FACTORS[method];
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const removed = await run(tx, remove(userId));
    if (!removed) return null;
    const sessionId = current.session.id;
    await recordRemoved(deps, tx, { userId, sessionId, kind }, removed(deps.keyring));
    const isLast = !requiresSecondFactor(await run(tx, enrolledSecondFactors(userId)));
    if (isLast) await run(tx, deleteBackupCodes(userId));
    return await factorsChanged(deps, tx, current, {
      type: 'MFA_DISABLED',
      method,
      undo: null,
      session: isLast ? { secondFactorAt: null } : {},
      client,
    });
  });
  if (!after) throw new MfaNotEnabledError();
  deps.outbox.wake();
  return { kind: 'MfaDisabled', viewer: after };
}
