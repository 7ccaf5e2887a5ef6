import type { Executor } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Charge } from '../kernel/throttle.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { TAKE_BACK } from '../proofs/one-time-token/purpose.ts';
import { listFormerHolders } from '../proofs/one-time-token/store.ts';
import { mailCharges } from '../throttle/charges.ts';
import { countIn } from '../throttle/count-in.ts';
import { listEntries } from './store.ts';
import { openChangesOf, renewUndoLinks } from './undo-link.ts';

/**
 * While an undo can still bring an address back to its account, nobody else gets it: otherwise the
 * owner who signs up anew within those hours would destroy the way back (PR-12). Whoever reads the
 * mailbox is sent the links once more, with the ends of the first ones, and a plain sentence, as often
 * as the budgets of such mails allow: the proof that was brought is not used up and can come again.
 *
 * @param about.userId whose account the address would become; that account's own links do not count
 * @param about.byOwner the address was proven in the same request; see mailCharges
 * @returns true when the address is held: the caller completes nothing. Wake the outbox after the commit
 */
export async function isHeldForUndo(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  about: {
    readonly email: string;
    readonly userId: string | null;
    readonly byOwner: boolean;
    readonly client: Client;
  },
): Promise<boolean> {
  const { email, userId, byOwner, client } = about;
  const now = deps.clock.now();
  const former = await listFormerHolders(executor, { email, purposes: TAKE_BACK, now });
  const others = former.filter((id) => id !== userId);
  if (others.length === 0) return false;
  const charges = mailCharges(deps.config, client, { purpose: 'address-held', email, byOwner });
  if (!(await isCounted(deps, executor, charges))) return true;
  const open = [];
  for (const one of others) {
    const entries = await listEntries(executor, one);
    open.push(...(await renewUndoLinks(deps, executor, { userId: one, email, entries })));
  }
  await enqueueMail(deps, executor, {
    to: email,
    message: { template: 'address-held', at: now, from: client, openChanges: openChangesOf(open) },
  });
  return true;
}

/** False where a budget is used up: then nothing is mailed. */
async function isCounted(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  charges: readonly Charge[],
): Promise<boolean> {
  try {
    await countIn(deps, executor, charges);
    return true;
  } catch (error) {
    if (error instanceof RateLimitedError) return false;
    throw error;
  }
}
