import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { enrolledSecondFactors } from '../../proofs/second-factor/enrolled.ts';
import { MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { codeMailLimits } from '../../rate-limit/limits.ts';
import { stepUpMethods } from '../../session/step-up.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/**
 * Mails a code for reauthentication, valid only on the session that requested it.
 *
 * @throws RateLimitedError; MfaNotEnabledError if a mailed code proves nothing on this session;
 *   NotAuthenticatedError
 */
export async function sendReauthenticationCode(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>,
  viewer: Authentication,
  client: Client,
): Promise<EmailSent> {
  const userId = viewer.user.id;
  const factors = await run(deps.db, enrolledSecondFactors(userId));
  if (!stepUpMethods(deps.config, viewer, factors).includes('EMAIL'))
    throw new MfaNotEnabledError();
  const asked = await deps.rateLimiter.count(codeMailLimits(deps.config, userId), client);
  if (!asked.allowed) throw new RateLimitedError(asked.retryAfterSeconds);
  const sent = await viewerTransaction(deps, viewer, 'enroll', async (tx, current) => {
    const { user, session } = current;
    const proof = await issueOneTimeToken(deps, tx, {
      purpose: 'reauthenticate',
      email: user.email,
      userId: user.id,
      subject: session.id,
      credentialVersion: user.credentialVersion,
      from: client,
    });
    const { code, codeExpiresAt } = proof;
    await run(
      tx,
      enqueueMail(deps, {
        to: user.email,
        message: { template: 'mfa-email-code', code, codeExpiresAt, from: client },
      }),
    );
    await run(
      tx,
      recordAudit(deps, {
        type: 'REAUTHENTICATION_CODE_SENT',
        userId: user.id,
        sessionId: session.id,
        client,
      }),
    );
    return { email: user.email, expiresAt: codeExpiresAt };
  });
  deps.outbox.wake();
  return { kind: 'EmailSent', ...sent, resendableAt: asked.opensAt };
}
