import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import { endAddressProofs } from '../proofs/one-time-token/store.ts';
import { endRegistrations, lockRegistrations } from '../registration/store.ts';

/**
 * The one end of everything that waits for an address, with the first act that proves it, however that
 * came about: the account is made, no link of the address is good any more, and the registrations
 * that wait go on answering as those for a taken address do (PR-11). Call it in the transaction of
 * that act, after the person's row was written or locked.
 */
export async function addressProven(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  email: string,
): Promise<void> {
  const about = { email, now: clock.now() };
  await lockRegistrations(tx, email);
  await endAddressProofs(tx, about);
  await endRegistrations(tx, about);
}
