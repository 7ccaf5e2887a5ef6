import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import { endAddressProofs } from '../proofs/one-time-token/store.ts';
import { endRegistrations, lockRegistrations } from '../registration/store.ts';

/**
 * Ends everything else that waits for an address, with the first act that proves the address, whichever
 * act that is. The account now exists, so no link that was mailed to the address is valid any more. The
 * waiting registrations keep answering as registrations for a taken address do (PR-11).
 *
 * Call it in the transaction of that act, after the person's row was written or locked.
 */
export async function endAddressClaims(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  email: string,
): Promise<void> {
  const about = { email, now: clock.now() };
  await lockRegistrations(tx, email);
  await endAddressProofs(tx, about);
  await endRegistrations(tx, about);
}
