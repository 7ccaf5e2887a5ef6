import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { sendEmailVerification, type Unverified } from '../../email-verification/send.ts';
import type { EmailSent } from '../../email-verification/sent.ts';
import { after } from '../../kernel/duration.ts';
import type { Client } from '../../kernel/ports.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { findSignInCandidate } from '../../user/store.ts';

/**
 * Mails the proof of an address again. The answer is the same for an address nobody waits with,
 * and the newer mail voids the older (PR-1).
 *
 * @param input.viewerId the signed-in person asking, if any
 */
export async function resendEmailVerification(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  input: { readonly email: string; readonly viewerId: string | null },
  client: Client,
): Promise<EmailSent> {
  const now = deps.clock.now();
  const candidate = await findSignInCandidate(deps.db, input.email, now);
  const unverified = whoWaits(candidate, input.viewerId);
  if (unverified) {
    await transaction(deps.db, (tx) => sendEmailVerification(deps, tx, unverified, client));
    deps.outbox.wake();
  }
  return {
    kind: 'EmailSent',
    email: input.email,
    expiresAt: after(now, PURPOSES['verify-email'].link),
  };
}

function whoWaits(
  { user, pending }: Awaited<ReturnType<typeof findSignInCandidate>>,
  viewerId: string | null,
): Unverified | null {
  if (pending) return { pending, holder: user };
  if (!user || user.emailVerifiedAt || user.disabledAt) return null;
  return { user, anonymous: user.id !== viewerId };
}
