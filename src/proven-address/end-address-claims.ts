import { type AuditEvent, recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { endInvitation } from '../invitation/store.ts';
import type { Client } from '../kernel/ports.ts';
import { endAddressProofs } from '../proofs/one-time-token/store.ts';
import { endRegistrations, lockRegistrations } from '../registration/store.ts';

/**
 * Ends everything else that waits for an address, with the first act that proves the address, whichever
 * act that is. The account now exists, so no link that was mailed to the address is valid any more, that of
 * an invitation included (AD-8). The waiting registrations keep answering as registrations for a taken address do (PR-11).
 *
 * Call it in the transaction of that act, after the person's row was written or locked.
 */
export async function endAddressClaims(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  email: string,
): Promise<void> {
  const about = { email, now: clock.now() };
  await run(tx, lockRegistrations(email));
  await run(tx, endAddressProofs(about));
  await run(tx, endRegistrations(about));
  await run(tx, endInvitation(email));
}

/**
 * Completes the first proof of an account's address: records it, and ends everything else that waits for
 * the address. Call it in the transaction that marked the address as proven.
 */
export async function completeAddressProof(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  { id: userId, email }: Pick<User, 'id' | 'email'>,
  about: { readonly client: Client; readonly detail?: NonNullable<AuditEvent['detail']> },
): Promise<void> {
  await endAddressClaims(deps, tx, email);
  await run(tx, recordAudit(deps, { type: 'EMAIL_VERIFIED', userId, ...about }));
}
