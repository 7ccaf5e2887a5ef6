import { listEntries } from '../access-ledger/store.ts';
import { openChangesOf, renewUndoLinks } from '../access-ledger/undo-link.ts';
import type { Executor } from '../db/driver/client.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { TAKE_BACK } from '../proofs/one-time-token/purpose.ts';
import { listFormerHolders } from '../proofs/one-time-token/store.ts';
import { countInTransaction } from '../rate-limit/count-in.ts';
import { mailLimits } from '../rate-limit/limits.ts';

/** An undo can still bring the address back to another account: the act is rolled back. */
export class AddressHeld extends Error {}

/**
 * While an undo can still bring an address back to its account, nobody else gets it: otherwise the
 * owner who signs up anew within those hours would destroy the way back (PR-12). Call it in the
 * transaction that gives the address to an account, after the account's row was written: addresses are
 * unique, so whoever leaves the address at the same moment has committed by then, and the link of that
 * change is seen here.
 *
 * @throws AddressHeld: roll back, then call {@link mailHeldAddress}
 */
export async function requireNotHeld(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  email: string,
): Promise<void> {
  const now = deps.clock.now();
  const former = await listFormerHolders(tx, { email, purposes: TAKE_BACK, now });
  if (former.length > 0) throw new AddressHeld();
}

/**
 * Sends whoever reads the mailbox of a held address the links once more, with the ends of the first
 * ones, and a plain sentence, as often as the budgets of such mails allow: the proof that was brought is
 * not used up and can come again. Does nothing for an address that is not held.
 *
 * @param about.userId whose account the address would have become; that account's own links do not count
 * @param about.byOwner the address was proven in the same request; see mailLimits
 */
export async function mailHeldAddress(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'outbox'>,
  about: {
    readonly email: string;
    readonly userId: string | null;
    readonly byOwner: boolean;
    readonly client: Client;
  },
): Promise<void> {
  const { email, userId, byOwner, client } = about;
  const now = deps.clock.now();
  const limits = mailLimits(deps.config, client, { purpose: 'address-held', email, byOwner });
  await transaction(deps.db, async (tx) => {
    const former = await listFormerHolders(tx, { email, purposes: TAKE_BACK, now });
    const others = former.filter((id) => id !== userId);
    if (others.length === 0 || !(await isCounted(deps, tx, limits))) return;
    const open = [];
    for (const one of others) {
      const entries = await listEntries(tx, one);
      open.push(...(await renewUndoLinks(deps, tx, { userId: one, email, entries })));
    }
    const openChanges = openChangesOf(open);
    const message = { template: 'address-held', at: now, from: client, openChanges } as const;
    await enqueueMail(deps, tx, { to: email, message });
  });
  deps.outbox.wake();
}

/** False where a budget is used up: then nothing is mailed. */
async function isCounted(
  deps: Pick<Deps, 'clock' | 'keyring' | 'meter'>,
  executor: Executor,
  limits: readonly Limit[],
): Promise<boolean> {
  try {
    await countInTransaction(deps, executor, limits);
    return true;
  } catch (error) {
    if (error instanceof RateLimitedError) return false;
    throw error;
  }
}
