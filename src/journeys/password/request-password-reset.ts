import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import { after } from '../../kernel/duration.ts';
import { evenTime } from '../../kernel/even-time.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { newProof } from '../../proofs/one-time-token/issue.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { replaceOneTimeToken } from '../../proofs/one-time-token/store.ts';
import { mailLimits, mailRequestLimits } from '../../rate-limit/limits.ts';
import { isAwaited } from '../../registration/store.ts';
import { isKnownDevice } from '../../sign-in-gate/known-device.ts';
import { findUserByEmail } from '../../user/store.ts';
import { newResetToken, subjectOfReset } from './reset-token.ts';

/**
 * The credential version of a proof without an account. Any number does, so that the row looks like every
 * other.
 */
const NO_VERSION = 1;

type RequestDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox' | 'mailAnswerTime'
>;

/**
 * Mails a password reset. The answer and its duration are the same for every address and every number of
 * requests (LG-5, RL-9). Nothing changes on the account, so that a stranger's request cannot disturb it (PR-6).
 * A device that has signed in to the address before has a limit of its own that strangers cannot use up. For
 * everybody else, once the day's allowance is used up, one more mail leaves each hour, so the holder of the
 * mailbox always gets a reset (RL-3).
 */
export async function requestPasswordReset(
  deps: RequestDeps,
  { email, deviceToken }: { readonly email: string; readonly deviceToken: string | null },
  client: Client,
): Promise<EmailSent> {
  const now = deps.clock.now();
  const resetToken = newResetToken(deps);
  return await evenTime(deps.mailAnswerTime, async () => {
    const byOwner = await isKnownDevice(deps, email, deviceToken);
    const mail = mailLimits(deps.config, client, { purpose: 'reset-password', email, byOwner });
    if ((await deps.rateLimiter.count(mail, client)).allowed) {
      await mailReset(deps, { email, byOwner, resetToken }, client);
    }
    const [asker] = sourceOf(client);
    return {
      kind: 'EmailSent',
      email,
      expiresAt: after(now, PURPOSES['reset-password'].link),
      resendableAt: await deps.rateLimiter.countRequest(
        mailRequestLimits(deps.config, 'reset-password', { asker, email }),
      ),
      resetToken,
    };
  });
}

/**
 * The same rows are written for every address. For an address without an account, the mail is a decoy. If
 * registrations are pending for it, the mail is a proof of the address instead, and its reader chooses the
 * password (PR-11).
 */
async function mailReset(
  deps: RequestDeps,
  ask: { readonly email: string; readonly byOwner: boolean; readonly resetToken: string },
  client: Client,
): Promise<void> {
  const { email, byOwner, resetToken } = ask;
  const [user, awaited] = await Promise.all([
    run(deps.db, findUserByEmail(email)),
    run(deps.db, isAwaited({ email, now: deps.clock.now() })),
  ]);
  const person = user?.disabledAt ? null : user;
  const isProof = awaited && user === null;
  await transaction(deps.db, async (tx) => {
    const issued = newProof(deps, {
      purpose: isProof ? 'verify-email' : 'reset-password',
      email,
      // A subject for each browser that requested a reset, so that a stranger's request voids no link and no
      // code of the owner.
      subject: subjectOfReset(resetToken),
      credentialVersion: person?.credentialVersion ?? NO_VERSION,
      from: client,
    });
    const { row, token, code, expiresAt, codeExpiresAt } = issued;
    // The proofs of an address do not replace one another.
    await run(tx, replaceOneTimeToken(isProof ? { ...row, subject: row.id } : row));
    const { appUrl } = deps.config;
    const from = client;
    await run(
      tx,
      enqueueMail(deps, {
        to: email,
        decoy: person === null && !isProof,
        byOwner,
        message: isProof
          ? {
              template: 'prove-address',
              url: `${appUrl}/verify-email?token=${token}`,
              expiresAt,
              from,
            }
          : {
              template: 'reset-password',
              url: `${appUrl}/reset-password?token=${token}`,
              ...{ code, expiresAt, codeExpiresAt, from },
            },
      }),
    );
    await run(
      tx,
      recordAudit(deps, {
        type: 'PASSWORD_RESET_REQUESTED',
        userId: user?.id ?? null,
        actorId: null,
        client,
      }),
    );
  });
  deps.outbox.wake();
}
