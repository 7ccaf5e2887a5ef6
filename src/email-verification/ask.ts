import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import type { Client } from '../kernel/ports.ts';
import { PURPOSES } from '../proofs/one-time-token/purpose.ts';
import { mailCharges } from '../throttle/charges.ts';
import {
  addresseeOf,
  type EmailVerificationRequired,
  sendEmailVerification,
  type Unverified,
  verificationRequired,
} from './send.ts';

/**
 * Answers a right password whose address is not proven yet, and mails its proof unless that was
 * done too often: the answer does not say which (RL-9).
 */
export async function askForVerification(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'throttle' | 'outbox'>,
  unverified: Unverified,
  client: Client,
): Promise<EmailVerificationRequired> {
  const { email } = addresseeOf(unverified);
  const spent = await deps.throttle.spend(
    mailCharges(deps.config, client, {
      purpose: 'verify-email',
      email,
      // A pending registration's password proves nothing: any stranger may have chosen it.
      byOwner: 'user' in unverified,
    }),
    client,
  );
  if (!spent.allowed) {
    const expiresAt = after(deps.clock.now(), PURPOSES['verify-email'].link);
    return verificationRequired(deps, email, expiresAt);
  }
  const required = await transaction(deps.db, (tx) =>
    sendEmailVerification(deps, tx, unverified, client),
  );
  deps.outbox.wake();
  return required;
}
