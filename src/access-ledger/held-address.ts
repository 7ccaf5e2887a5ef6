import type { Executor } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { TAKE_BACK } from '../proofs/one-time-token/purpose.ts';
import { listFormerHolders } from '../proofs/one-time-token/store.ts';
import { listEntries } from './store.ts';
import { openChangesOf, renewUndoLinks } from './undo-link.ts';

/**
 * While an undo can still bring an address back to its account, nobody else gets it: otherwise the
 * owner who signs up anew within those hours would destroy the way back (PR-12). Whoever reads the
 * mailbox is sent the links once more, with the ends of the first ones, and a plain sentence.
 *
 * @param about.userId whose account the address would become; that account's own links do not count
 * @returns true when the address is held: the caller completes nothing. Wake the outbox after the commit
 */
export async function isHeldForUndo(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  about: { readonly email: string; readonly userId: string | null; readonly client: Client },
): Promise<boolean> {
  const { email, userId, client } = about;
  const now = deps.clock.now();
  const former = await listFormerHolders(executor, { email, purposes: TAKE_BACK, now });
  const others = former.filter((id) => id !== userId);
  const open = [];
  for (const one of others) {
    const entries = await listEntries(executor, one);
    open.push(...(await renewUndoLinks(deps, executor, { userId: one, email, entries, client })));
  }
  if (open.length === 0) return false;
  await enqueueMail(deps, executor, {
    to: email,
    message: { template: 'address-held', at: now, from: client, openChanges: openChangesOf(open) },
  });
  return true;
}
