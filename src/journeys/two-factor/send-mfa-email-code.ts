import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import { SECOND } from '../../kernel/duration.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { randomCode } from '../../proofs/one-time-token/code.ts';
import { emailCodeMac } from '../../proofs/second-factor/challenge.ts';
import { findLiveChallenge, replaceEmailCode } from '../../proofs/second-factor/challenge-store.ts';
import { enrolledSecondFactors, offeredMethods } from '../../proofs/second-factor/enrolled.ts';
import { ChallengeExpiredError, MfaNotEnabledError } from '../../proofs/second-factor/errors.ts';
import { codeMailLimits } from '../../rate-limit/limits.ts';
import { lockCredentialsForShare } from '../../user/credential-store.ts';

/**
 * Mails a code for a challenge. The code expires with its challenge, within the ten minutes that a code may be
 * valid (EO-2). A newer code replaces it and does not reset the attempts.
 *
 * @throws ChallengeExpiredError; MfaNotEnabledError if this challenge offers no codes by mail;
 *   RateLimitedError after its third mail (RL-9)
 */
export async function sendMfaEmailCode(
  deps: Pick<Deps, 'config' | 'db' | 'clock' | 'random' | 'keyring' | 'rateLimiter' | 'outbox'>,
  challengeToken: string,
  client: Client,
): Promise<EmailSent> {
  const now = deps.clock.now();
  const live = await run(deps.db, findLiveChallenge({ tokenHash: sha256(challengeToken), now }));
  if (!live) throw new ChallengeExpiredError();
  const { challenge, user } = live;
  const factors = await run(deps.db, enrolledSecondFactors(user.id));
  const offered = offeredMethods(deps.config, factors, [challenge.firstFactor], user);
  if (!offered.includes('EMAIL')) throw new MfaNotEnabledError();
  const asked = await deps.rateLimiter.count(codeMailLimits(deps.config, user.id), client);
  if (!asked.allowed) throw new RateLimitedError(asked.retryAfterSeconds);
  const code = randomCode(deps.random);
  const mac = emailCodeMac(deps, challenge, code);
  const sent = await transaction(deps.db, async (tx) => {
    // A reset that committed since the challenge was read has ended it.
    const { userId: id, credentialVersion } = challenge;
    const user = await run(tx, lockCredentialsForShare({ id, credentialVersion }));
    if (!user) throw new ChallengeExpiredError();
    if (!(await run(tx, replaceEmailCode({ id: challenge.id, mac, now })))) return false;
    await run(
      tx,
      enqueueMail(deps, {
        to: user.email,
        message: {
          template: 'mfa-email-code',
          code,
          codeExpiresAt: challenge.expiresAt,
          from: client,
        },
      }),
    );
    await run(tx, recordAudit(deps, { type: 'SECOND_FACTOR_CODE_SENT', userId: user.id, client }));
    return true;
  });
  if (!sent) {
    const wait = challenge.expiresAt.getTime() - now.getTime();
    throw new RateLimitedError(Math.max(1, Math.ceil(wait / SECOND)));
  }
  deps.outbox.wake();
  return {
    kind: 'EmailSent',
    email: user.email,
    expiresAt: challenge.expiresAt,
    resendableAt: asked.opensAt,
  };
}
