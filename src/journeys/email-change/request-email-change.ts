import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import { after } from '../../kernel/duration.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { endProofsOf } from '../../proofs/one-time-token/store.ts';
import { mailLimits, mailRequestLimits } from '../../rate-limit/limits.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { findUserByEmail } from '../../user/store.ts';
import { notifyOldAddress } from './notify-old-address.ts';

/**
 * Requests a change of the email address. The new address must be verified, and the old one is notified and can
 * stop the change (PR-7). A taken address gets the same answer and the same rows, but no mail (LG-5). So does
 * an address that was mailed too often (RL-9).
 *
 * @throws InvalidInputError if it is the current address; NotAuthenticatedError, MfaEnrollmentRequiredError,
 *   StepUpRequiredError
 */
export async function requestEmailChange(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>,
  viewer: Authentication,
  newEmail: string,
  client: Client,
): Promise<EmailSent> {
  requireOtherAddress(viewer, newEmail);
  const now = deps.clock.now();
  const answer: EmailSent = {
    kind: 'EmailSent',
    email: newEmail,
    expiresAt: after(now, PURPOSES['change-email'].link),
    resendableAt: await deps.rateLimiter.countRequest(
      mailRequestLimits(deps.config, 'change-email', { asker: viewer.user.id, email: newEmail }),
    ),
  };
  const mail = mailLimits(deps.config, client, { purpose: 'change-email', email: newEmail });
  if (!(await deps.rateLimiter.count(mail, client)).allowed) return answer;
  const holder = await run(deps.db, findUserByEmail(newEmail));
  await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    requireOtherAddress(current, newEmail);
    const { id: userId, credentialVersion } = current.user;
    const about = { userId, credentialVersion };
    // One requested change at a time: a newer request for another address ends the older one.
    const purposes = ['change-email'] as const;
    await run(tx, endProofsOf({ userId, now, purposes, exceptEmail: newEmail }));
    const change = {
      ...about,
      purpose: 'change-email',
      email: newEmail,
      // Somebody else who requests the same address must not void this request.
      subject: userId,
      from: client,
    } as const;
    const issued = await issueOneTimeToken(deps, tx, change);
    await run(
      tx,
      enqueueMail(deps, {
        to: newEmail,
        decoy: holder !== null,
        message: {
          template: 'confirm-email-change',
          url: `${deps.config.appUrl}/confirm-email-change?token=${issued.token}`,
          code: issued.code,
          expiresAt: issued.expiresAt,
          codeExpiresAt: issued.codeExpiresAt,
        },
      }),
    );
    await notifyOldAddress(deps, tx, { viewer: current, newEmail, client });
    const sessionId = current.session.id;
    await run(tx, recordAudit(deps, { type: 'EMAIL_CHANGE_REQUESTED', userId, sessionId, client }));
  });
  deps.outbox.wake();
  return answer;
}

function requireOtherAddress({ user }: Authentication, newEmail: string): void {
  if (newEmail !== user.email) return;
  const message = 'This is the address of the account already.';
  throw new InvalidInputError([{ path: ['input', 'newEmail'], message }]);
}
