import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/sent.ts';
import { after } from '../../kernel/duration.ts';
import { evenTime } from '../../kernel/even-time.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { issueOneTimeToken } from '../../proofs/one-time-token/issue.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { mailCharges } from '../../throttle/charges.ts';
import { readDeviceToken } from '../../throttle/device-token.ts';
import { findUserByEmail } from '../../user/store.ts';
import { newResetToken, subjectOfReset } from './reset-token.ts';

/** What a proof for nobody is bound to: any number, so that the row looks like every other. */
const NO_VERSION = 1;

type RequestDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'throttle' | 'outbox' | 'mailAnswerTime'
>;

/**
 * Mails the way to a new password. Whoever asks for whatever address, however often, the answer and
 * its time are the same (LG-5, RL-9). Nothing changes on the account, so that a stranger who asks
 * cannot disturb it (PR-6). A device that signed in to that address before has a budget that
 * strangers cannot use up; for everybody else one more mail leaves each hour after the day's: whoever
 * holds the mailbox always gets a reset (RL-3).
 */
export async function requestPasswordReset(
  deps: RequestDeps,
  { email, deviceToken }: { readonly email: string; readonly deviceToken: string | null },
  client: Client,
): Promise<EmailSent> {
  const now = deps.clock.now();
  const resetToken = newResetToken(deps);
  await evenTime(deps.mailAnswerTime, async () => {
    const byOwner = readDeviceToken(deps, email, deviceToken) !== null;
    const mail = mailCharges(deps.config, client, { purpose: 'reset-password', email, byOwner });
    if ((await deps.throttle.spend(mail, client)).allowed) {
      await mailReset(deps, { email, byOwner, resetToken }, client);
    }
  });
  return {
    kind: 'EmailSent',
    email,
    expiresAt: after(now, PURPOSES['reset-password'].link),
    resendableAt: now,
    resetToken,
  };
}

/** The same rows are written for every address; for one without an account the mail is a decoy. */
async function mailReset(
  deps: RequestDeps,
  ask: { readonly email: string; readonly byOwner: boolean; readonly resetToken: string },
  client: Client,
): Promise<void> {
  const { email, byOwner, resetToken } = ask;
  const user = await findUserByEmail(deps.db, email);
  const person = user?.disabledAt ? null : user;
  await transaction(deps.db, async (tx) => {
    const issued = await issueOneTimeToken(deps, tx, {
      purpose: 'reset-password',
      email,
      // One for each browser that asked: what strangers ask for voids no link and no code of the owner.
      subject: subjectOfReset(resetToken),
      credentialVersion: person?.credentialVersion ?? NO_VERSION,
    });
    await enqueueMail(deps, tx, {
      to: email,
      decoy: person === null,
      byOwner,
      message: {
        template: 'reset-password',
        url: `${deps.config.appUrl}/reset-password?token=${issued.token}`,
        code: issued.code,
        expiresAt: issued.expiresAt,
        codeExpiresAt: issued.codeExpiresAt,
        from: client,
      },
    });
    await recordAudit(deps, tx, {
      type: 'PASSWORD_RESET_REQUESTED',
      userId: user?.id ?? null,
      actorId: null,
      client,
    });
  });
  deps.outbox.wake();
}
