import { recordRemoved } from '../../access-ledger/record.ts';
import { passkeyContent } from '../../access-ledger/sealed-content.ts';
import { recordAudit } from '../../audit/record.ts';
import { credentialsChanged } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import { LastCredentialError, requireWayIn } from '../../credential-change/ways-in.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { deleteBackupCodes } from '../../proofs/backup-code/store.ts';
import { deletePasskey } from '../../proofs/passkey/store.ts';
import {
  enrolledSecondFactors,
  requiresSecondFactor,
} from '../../proofs/second-factor/enrolled.ts';
import { SECOND_FACTORS } from '../../second-factor/factors.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** A passkey was removed, and every other session of the person has ended. */
export type PasskeyRemoved = Outcome<'PasskeyRemoved'> & { readonly viewer: Authentication };

type RemoveDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>;

/**
 * Removes a passkey of the person. Neither the last way to sign in can be removed, nor the last passkey or
 * second factor where the server requires two-step verification (PK-5a). After the last passkey, signing in
 * requires none any more (PK-5c).
 *
 * @throws NotFoundError, LastCredentialError; NotAuthenticatedError, MfaEnrollmentRequiredError,
 *   StepUpRequiredError
 */
export async function removePasskey(
  deps: RemoveDeps,
  viewer: Authentication,
  passkeyId: string,
  client: Client,
): Promise<PasskeyRemoved> {
  if (!isId(passkeyId)) throw new NotFoundError();
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const { user, session } = current;
    const by = { userId: user.id, sessionId: session.id };
    const removed = await run(tx, deletePasskey({ id: passkeyId, userId: user.id }));
    if (!removed) throw new NotFoundError();
    await requireWayIn(deps, tx, user);
    const act = { ...by, kind: 'passkey', thing: removed.id, label: removed.name } as const;
    await recordRemoved(deps, tx, act, passkeyContent(removed));
    const renewal = await endFactorOfLast(deps, tx, current, client);
    const changed = await credentialsChanged(deps, tx, current, renewal);
    const event = {
      type: 'PASSKEY_REMOVED',
      ...by,
      client,
      detail: { passkey: removed.id },
    } as const;
    const { name } = removed;
    const message = {
      template: 'passkey-removed',
      at: deps.clock.now(),
      from: client,
      name,
    } as const;
    await reportChange(deps, tx, event, { to: user.email, message });
    return changed;
  });
  deps.outbox.wake();
  return { kind: 'PasskeyRemoved', viewer: after };
}

/**
 * Ends what depended on the person's last passkey, once it is removed.
 *
 * @returns what the session loses with it
 * @throws LastCredentialError if the server requires two-step verification and the person has neither a second
 *   factor nor a passkey any more
 */
async function endFactorOfLast(
  deps: RemoveDeps,
  tx: Executor,
  { user, session }: Authentication,
  client: Client,
): Promise<{ readonly secondFactorAt?: null }> {
  const factors = await run(tx, enrolledSecondFactors(user.id));
  if (factors.hasPasskeys) return {};
  const isLast = !requiresSecondFactor(factors);
  if (isLast && deps.config.mfaRequired) throw new LastCredentialError();
  const { kind, remove } = SECOND_FACTORS.passkey;
  const factor = await run(tx, remove(user.id));
  if (!factor) return {};
  const by = { userId: user.id, sessionId: session.id };
  await recordRemoved(deps, tx, { ...by, kind }, factor());
  const detail = { method: 'passkey' };
  await run(tx, recordAudit(deps, { type: 'MFA_DISABLED', ...by, client, detail }));
  if (!isLast) return {};
  await run(tx, deleteBackupCodes(user.id));
  return { secondFactorAt: null };
}
