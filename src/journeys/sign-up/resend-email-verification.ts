import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { addresseeOf } from '../../email-verification/ask.ts';
import type { EmailSent } from '../../email-verification/outcomes.ts';
import { type Addressee, mailVerification } from '../../email-verification/send.ts';
import { evenTime } from '../../kernel/even-time.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { findRegistration, isAwaited } from '../../registration/store.ts';
import { isRegistrationToken, readAccountToken } from '../../registration/token.ts';
import { findUserByEmail } from '../../user/store.ts';

type ResendDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox' | 'rateLimiter' | 'mailAnswerTime'
>;

/** The request, and the signed-in person who made it, if any. */
type Asked = {
  readonly email: string;
  readonly registrationToken: string | null;
  readonly viewer: { readonly id: string } | null;
};

/**
 * Mails the proof of an address again. The answer and its duration are the same for an address without a
 * pending registration and for one that was mailed too often (LG-5, RL-9). No mail voids another, so somebody
 * else's request takes nothing from the person (PR-11).
 */
export async function resendEmailVerification(
  deps: ResendDeps,
  asked: Asked,
  client: Client,
): Promise<EmailSent> {
  return await evenTime(deps.mailAnswerTime, async () => {
    const mailed = await mailVerification(deps, await addressee(deps, asked), client);
    return { kind: 'EmailSent', email: asked.email, ...mailed };
  });
}

/**
 * The requester decides what the mail contains. The browser of a registration, and the holder of the account,
 * get a code and a link. Anybody else gets only a link that proves that its reader has the mailbox.
 */
async function addressee(deps: ResendDeps, asked: Asked): Promise<Addressee> {
  const { email, registrationToken } = asked;
  const now = deps.clock.now();
  const [user, registration] = await Promise.all([
    run(deps.db, findUserByEmail(email)),
    isRegistrationToken(registrationToken)
      ? run(deps.db, findRegistration({ tokenHash: sha256(registrationToken), now }))
      : null,
  ]);
  if (registration?.email === email) return addresseeOf(email, registration, user);
  // The account that the registration existed beside was deleted, and its address with it.
  if (registration && registration.email === null)
    return { email, nobody: true, id: registration.id };
  if (user && !user.emailVerifiedAt && !user.disabledAt) {
    const claim = readAccountToken(deps, registrationToken);
    const holdsAccount =
      user.id === asked.viewer?.id ||
      (claim?.userId === user.id && claim.credentialVersion === user.credentialVersion);
    return holdsAccount ? { email, account: user, byOwner: true } : { email, address: user };
  }
  if (!user && (await run(deps.db, isAwaited({ email, now })))) return { email, address: null };
  return { email, nobody: true };
}
