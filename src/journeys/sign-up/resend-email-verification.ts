import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { sendEmailVerification, type Unverified } from '../../email-verification/send.ts';
import type { EmailSent } from '../../email-verification/sent.ts';
import { after } from '../../kernel/duration.ts';
import { evenTime } from '../../kernel/even-time.ts';
import type { Client } from '../../kernel/ports.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { mailCharges } from '../../throttle/charges.ts';
import { findSignInCandidate } from '../../user/store.ts';

type ResendDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox' | 'throttle' | 'mailAnswerTime'
>;

type Asked = { readonly email: string; readonly viewer: Pick<User, 'id' | 'email'> | null };

/**
 * Mails the proof of an address again. The answer is the same, and takes as long, for an address
 * nobody waits with and for one that was mailed too often (LG-5, RL-9); the newer mail voids the
 * older (PR-1).
 *
 * @param input.viewer the signed-in person asking, if any: for their own address on a budget of
 *   their own (RL-3)
 */
export async function resendEmailVerification(
  deps: ResendDeps,
  input: Asked,
  client: Client,
): Promise<EmailSent> {
  const now = deps.clock.now();
  await evenTime(deps.mailAnswerTime, () => mailWhoWaits(deps, input, client));
  return {
    kind: 'EmailSent',
    email: input.email,
    expiresAt: after(now, PURPOSES['verify-email'].link),
    resendableAt: now,
  };
}

async function mailWhoWaits(deps: ResendDeps, input: Asked, client: Client): Promise<void> {
  const mail = mailCharges(deps.config, client, {
    purpose: 'verify-email',
    email: input.email,
    byOwner: input.viewer?.email === input.email,
  });
  if (!(await deps.throttle.spend(mail, client)).allowed) return;
  const candidate = await findSignInCandidate(deps.db, input.email, deps.clock.now());
  const unverified = whoWaits(candidate, input);
  await transaction(deps.db, (tx) => sendEmailVerification(deps, tx, unverified, client));
  deps.outbox.wake();
}

function whoWaits(
  { user, pending }: Awaited<ReturnType<typeof findSignInCandidate>>,
  asked: Asked,
): Unverified {
  if (pending) return { pending, holder: user };
  if (!user || user.emailVerifiedAt || user.disabledAt) {
    return { nobody: { email: asked.email, name: null } };
  }
  return { user, anonymous: user.id !== asked.viewer?.id };
}
