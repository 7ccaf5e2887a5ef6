import { backupCodesIfNone } from '../../credential-change/first-backup-codes.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { enrolledSecondFactors } from '../../proofs/second-factor/enrolled.ts';
import { MfaAlreadyEnabledError } from '../../proofs/second-factor/errors.ts';
import { insertPasskeyFactor } from '../../proofs/second-factor/passkey-factor-store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { type MfaEnabled, mfaEnabled } from './mfa-enabled.ts';

/**
 * Makes the person's passkeys a second factor: from now on, a sign-in with a password asks for one of them
 * (PK-5c). This is the person's choice for all of their passkeys together, and any of them answers. It proves
 * no passkey on this session.
 *
 * @throws NotFoundError for a person without a passkey; MfaAlreadyEnabledError; ServerBusyError;
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function enablePasskeyMfa(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'outbox'>,
  viewer: Authentication,
  client: Client,
  signal: AbortSignal,
): Promise<MfaEnabled> {
  const userId = viewer.user.id;
  const requirePasskey = ({ passkey, hasPasskeys }: { passkey: boolean; hasPasskeys: boolean }) => {
    if (!hasPasskeys || !deps.config.passkeys.enabled) throw new NotFoundError();
    if (passkey) throw new MfaAlreadyEnabledError();
  };
  // Before the backup codes are hashed, which costs much.
  requirePasskey(await run(deps.db, enrolledSecondFactors(userId)));
  const codes = await backupCodesIfNone(deps, userId, client, signal);
  const enabled = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    requirePasskey(await run(tx, enrolledSecondFactors(userId)));
    await run(tx, insertPasskeyFactor({ userId, now: deps.clock.now() }));
    return await mfaEnabled(deps, tx, current, {
      factor: 'passkey',
      isProven: false,
      codes,
      client,
    });
  });
  deps.outbox.wake();
  return enabled;
}
