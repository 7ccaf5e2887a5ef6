import { backupCodesIfNone } from '../../credential-change/first-backup-codes.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCodeError, MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { checkTotp } from '../../proofs/totp/check.ts';
import { readTotpCode } from '../../proofs/totp/otp.ts';
import { claimStep, confirmTotpFactor, findPendingTotp } from '../../proofs/totp/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { type MfaEnabled, mfaEnabled } from './mfa-enabled.ts';

type ConfirmDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'log' | 'outbox'
>;

/**
 * Enables the authenticator app with one of its codes, in the session that started the setup. The code is used
 * up and cannot sign in afterwards (TO-4). Attempts are not counted, because the session that sends them was
 * shown the secret.
 *
 * @throws MfaNotEnabledError if no setup of this session is pending; NotAuthenticatedError,
 *   StepUpRequiredError; InvalidCodeError, ServerBusyError
 */
export async function confirmTotp(
  deps: ConfirmDeps,
  viewer: Authentication,
  presented: string,
  client: Client,
  signal: AbortSignal,
): Promise<MfaEnabled> {
  const userId = viewer.user.id;
  const sessionId = viewer.session.id;
  const factor = await run(deps.db, findPendingTotp({ userId, sessionId, now: deps.clock.now() }));
  if (!factor) throw new MfaNotEnabledError();
  const code = readTotpCode(presented);
  const match = code === null ? null : checkTotp(deps, factor, code);
  if (!match) throw new InvalidCodeError();
  const codes = await backupCodesIfNone(deps, userId, client, signal);
  const enabled = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    if (!(await run(tx, claimStep(match)))) return null;
    const confirmed = await run(tx, confirmTotpFactor({ id: match.id, now: deps.clock.now() }));
    if (!confirmed) return null;
    return await mfaEnabled(deps, tx, current, { factor: 'totp', isProven: true, codes, client });
  });
  if (!enabled) throw new InvalidCodeError();
  deps.outbox.wake();
  return enabled;
}
