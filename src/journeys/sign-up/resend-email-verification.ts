import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { sendEmailVerification, type Unverified } from '../../email-verification/send.ts';
import type { EmailSent } from '../../email-verification/sent.ts';
import type { Client } from '../../kernel/ports.ts';
import { findSignInCandidate } from '../../user/store.ts';

/**
 * Mails the proof of an address again. The answer and the work are the same for an address nobody
 * waits with (LG-5), and the newer mail voids the older (PR-1).
 *
 * @param input.viewerId the signed-in person asking, if any
 */
export async function resendEmailVerification(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  input: { readonly email: string; readonly viewerId: string | null },
  client: Client,
): Promise<EmailSent> {
  const candidate = await findSignInCandidate(deps.db, input.email, deps.clock.now());
  const unverified = whoWaits(candidate, input);
  const { email, expiresAt } = await transaction(deps.db, (tx) =>
    sendEmailVerification(deps, tx, unverified, client),
  );
  deps.outbox.wake();
  return { kind: 'EmailSent', email, expiresAt };
}

function whoWaits(
  { user, pending }: Awaited<ReturnType<typeof findSignInCandidate>>,
  asked: { readonly email: string; readonly viewerId: string | null },
): Unverified {
  if (pending) return { pending, holder: user };
  if (!user || user.emailVerifiedAt || user.disabledAt) {
    return { nobody: { email: asked.email, name: null } };
  }
  return { user, anonymous: user.id !== asked.viewerId };
}
