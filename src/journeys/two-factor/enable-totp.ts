import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { MfaAlreadyEnabledError } from '../../proofs/second-factor/errors.ts';
import { enrollTotp, type PendingTotp } from '../../proofs/totp/enroll.ts';
import { qrCodeUrl } from '../../proofs/totp/qr-code.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** A secret to scan. Signing in does not ask for its codes until one of them has confirmed it. */
export type TotpEnrollment = Outcome<'TotpEnrollment'> & PendingTotp & { readonly qrCode: string };

/**
 * Starts setting up an authenticator app, or returns the pending secret of this session again: reloading the
 * page must not void the code that was just scanned (TO-6). Every time a secret is shown is recorded.
 *
 * @throws MfaAlreadyEnabledError; NotAuthenticatedError, StepUpRequiredError
 */
export async function enableTotp(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config'>,
  viewer: Authentication,
  client: Client,
): Promise<TotpEnrollment> {
  const pending = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    const { user, session } = current;
    const [network] = sourceOf(client);
    const enrolled = await enrollTotp(deps, tx, { user, sessionId: session.id, network });
    if (!enrolled) return null;
    await run(
      tx,
      recordAudit(deps, {
        type: 'MFA_ENROLLMENT_STARTED',
        userId: user.id,
        sessionId: session.id,
        client,
        detail: { method: 'totp' },
      }),
    );
    return enrolled;
  });
  if (!pending) throw new MfaAlreadyEnabledError();
  return { kind: 'TotpEnrollment', ...pending, qrCode: await qrCodeUrl(pending.otpauthUri) };
}
