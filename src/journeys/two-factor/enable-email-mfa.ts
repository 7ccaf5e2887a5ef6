import { recordAudit } from '../../audit/record.ts';
import { hasWayInBesideMailbox } from '../../credential-change/ways-in.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { enrolledSecondFactors } from '../../proofs/second-factor/enrolled.ts';
import { MailboxOnlyError, MfaAlreadyEnabledError } from '../../proofs/second-factor/errors.ts';
import { enrollmentCodeLimits } from '../../rate-limit/limits.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/**
 * Starts setting up codes by mail: mails the first one. A newer code replaces it.
 *
 * @throws MfaAlreadyEnabledError, MailboxOnlyError, RateLimitedError; NotAuthenticatedError, StepUpRequiredError
 */
export async function enableEmailMfa(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>,
  viewer: Authentication,
  client: Client,
): Promise<EmailSent> {
  const userId = viewer.user.id;
  const factors = await run(deps.db, enrolledSecondFactors(userId));
  if (factors.email) throw new MfaAlreadyEnabledError();
  if (!(await hasWayInBesideMailbox(deps, deps.db, viewer.user))) throw new MailboxOnlyError();
  const asked = await deps.rateLimiter.count(
    enrollmentCodeLimits(deps.config, client, viewer.user),
    client,
  );
  if (!asked.allowed) throw new RateLimitedError(asked.retryAfterSeconds);
  const sent = await viewerTransaction(deps, viewer, 'enrollStepUp', async (tx, current) => {
    const { user, session } = current;
    const issued = await issueOneTimeToken(deps, tx, {
      purpose: 'enable-email-mfa',
      email: user.email,
      userId: user.id,
      subject: session.id,
      from: client,
    });
    const { code, codeExpiresAt } = issued;
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
        type: 'MFA_ENROLLMENT_STARTED',
        userId: user.id,
        sessionId: session.id,
        client,
        detail: { method: 'email' },
      }),
    );
    return { email: user.email, expiresAt: codeExpiresAt };
  });
  deps.outbox.wake();
  return { kind: 'EmailSent', ...sent, resendableAt: asked.opensAt };
}
