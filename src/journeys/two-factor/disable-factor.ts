import { recordRemoved } from '../../access-ledger/record.ts';
import {
  type Content,
  emailFactorContent,
  totpContent,
} from '../../access-ledger/sealed-content.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import { deleteEmailFactor } from '../../proofs/second-factor/email-factor-store.ts';
import {
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { deleteTotpFactor } from '../../proofs/totp/store.ts';
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
  method: 'totp' | 'email',
  client: Client,
): Promise<MfaDisabled> {
  const userId = viewer.user.id;
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const removed = await removeFactor(deps, tx, userId, method);
    if (!removed) return null;
    const kind = method === 'totp' ? 'totp' : 'email-factor';
    const sessionId = current.session.id;
    await recordRemoved(deps, tx, { userId, sessionId, kind }, removed);
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

/** @returns the content to keep, so that an undo can restore the factor; null if the factor did not exist */
async function removeFactor(
  deps: Pick<Deps, 'keyring'>,
  tx: Executor,
  userId: string,
  method: 'totp' | 'email',
): Promise<Content | null> {
  if (method === 'totp') {
    const app = await run(tx, deleteTotpFactor(userId));
    return app && totpContent(deps.keyring, app);
  }
  const email = await run(tx, deleteEmailFactor(userId));
  return email && emailFactorContent(email);
}
