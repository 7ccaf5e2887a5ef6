import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/client.ts';
import type { PendingRegistration, User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import {
  type EmailVerificationRequired,
  sendEmailVerification,
  verificationRequired,
} from '../../email-verification/send.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { mailCharges } from '../../throttle/charges.ts';
import {
  contestPendingRegistration,
  replacePendingRegistration,
} from '../../user/pending-store.ts';

type PendingDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'throttle' | 'outbox'
>;

const PENDING_LIFETIME = 7 * DAY;

/**
 * Remembers a registration until its address is proven, and mails it; whoever has the address
 * already is mailed instead. The same work and the same answer for both (LG-4).
 *
 * @param registration.holder whose address it is, if anybody's
 */
export async function registerPending(
  deps: PendingDeps,
  registration: Pick<PendingRegistration, 'email' | 'name' | 'passwordHash'> & {
    readonly holder: User | null;
  },
  client: Client,
): Promise<EmailVerificationRequired> {
  const { holder, email, name, passwordHash } = registration;
  const now = deps.clock.now();
  const pending: PendingRegistration = {
    id: newId(deps),
    ...{ email, name, passwordHash },
    createdAt: now,
    expiresAt: after(now, PENDING_LIFETIME),
  };
  const mail = mailCharges(deps.config, client, { purpose: 'verify-email', email });
  const written = await deps.throttle.spendWith(mail, client, (tx) =>
    writePending(deps, tx, { pending, holder }, client),
  );
  if (!written.allowed) {
    // Nothing is mailed, so the proof in an earlier mail stays good. It may be a stranger's, who used
    // the mails up, and this the owner; or the other way round. It activates neither's password.
    await contestPendingRegistration(deps.db, email);
    const expiresAt = after(now, PURPOSES['verify-email'].link);
    return verificationRequired(deps, email, expiresAt);
  }
  deps.outbox.wake();
  return written.result;
}

async function writePending(
  deps: PendingDeps,
  tx: Executor,
  unverified: { readonly pending: PendingRegistration; readonly holder: User | null },
  client: Client,
): Promise<EmailVerificationRequired> {
  // The proof's row first, as where it is redeemed: otherwise the two could block each other.
  const [required] = await Promise.all([
    sendEmailVerification(deps, tx, unverified, client),
    replacePendingRegistration(tx, unverified.pending),
    recordAudit(deps, tx, {
      type: 'REGISTERED',
      userId: unverified.holder?.id ?? null,
      actorId: null,
      client,
      detail: { pending: true },
    }),
  ]);
  return required;
}
