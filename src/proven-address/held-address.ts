import { listEntries } from '../access-ledger/store.ts';
import { openChangesOf, renewUndoLinks } from '../access-ledger/undo-link.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { BY_ADMINISTRATOR } from '../mail/origin.ts';
import { TAKE_BACK } from '../proofs/one-time-token/purpose.ts';
import { listFormerHolders } from '../proofs/one-time-token/store.ts';
import { countInTransaction } from '../rate-limit/count.ts';
import { mailLimits, mailLimitsOfAdministrators } from '../rate-limit/limits.ts';

/** An undo can still bring the address back to another account, so the act is rolled back. */
class AddressHeld extends Error {
  readonly email: string;

  constructor(email: string) {
    super('The address is held.');
    this.email = email;
  }
}

type HeldDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'outbox'>;

/** Whoever wants a held address. */
type Claimant = {
  /** The account that would get the address, if it exists; its own undo links do not count. */
  readonly userId: string | null;
  readonly client: Client;
};

/** Whoever asks for the address: its owner, with a proof of it in the same request, anybody, or an administrator. */
type Asker = 'owner' | 'anybody' | 'administrator';

/**
 * While an undo can still bring an address back to its account, nobody else gets the address.
 * Otherwise the owner who signs up again within those hours would destroy the way back (PR-12).
 *
 * Call it in the transaction that gives the address to an account, inside {@link unlessAddressHeld}, and
 * after the account's row was written. Addresses are unique, so whoever leaves the address at the same
 * moment has committed by then, and this statement sees the link of that change.
 *
 * @throws AddressHeld, for {@link unlessAddressHeld}
 */
export async function requireNotHeld(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  email: string,
): Promise<void> {
  const now = deps.clock.now();
  const former = await run(tx, listFormerHolders({ email, purposes: TAKE_BACK, now }));
  if (former.length > 0) throw new AddressHeld(email);
}

/**
 * Runs the transaction of an act that gives an address to an account. If the address is held, nothing is committed, and
 * the reader of the mailbox is mailed the way back.
 *
 * @param claimant.by the owner, who has just proven the address, unless it is said otherwise
 * @param refusal makes the error to throw for a held address
 */
export async function unlessAddressHeld<T>(
  deps: HeldDeps,
  claimant: Claimant & { readonly by?: Asker },
  act: () => Promise<T>,
  refusal: () => Error,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AddressHeld)) throw error;
    await mailHeldAddress(deps, { by: 'owner', ...claimant, email: error.email });
    throw refusal();
  }
}

/**
 * Mails the undo links of a held address to its mailbox once more, with an explanation, as often as the
 * limits of such mails allow. The new links expire when the first ones do. The proof that was presented
 * is not used up and can be presented again. Does nothing for an address that is not held.
 *
 * @param held.by whose limits the mail counts for. It says nothing of where an administrator is (AD-6)
 */
export async function mailHeldAddress(
  deps: HeldDeps,
  held: Claimant & { readonly email: string; readonly by: Asker },
): Promise<void> {
  const { email, userId, by, client } = held;
  const now = deps.clock.now();
  const mail = { purpose: 'address-held', email } as const;
  const isAdministrator = by === 'administrator';
  const limits = isAdministrator
    ? mailLimitsOfAdministrators(deps.config, mail)
    : mailLimits(deps.config, client, { ...mail, byOwner: by === 'owner' });
  await transaction(deps.db, async (tx) => {
    const former = await run(tx, listFormerHolders({ email, purposes: TAKE_BACK, now }));
    const others = former.filter((id) => id !== userId);
    if (others.length === 0 || !(await isCounted(deps, tx, limits))) return;
    const open = [];
    for (const one of others) {
      const entries = await run(tx, listEntries(one));
      open.push(...(await renewUndoLinks(deps, tx, { userId: one, email, entries })));
    }
    const openChanges = openChangesOf(open);
    const from = isAdministrator ? BY_ADMINISTRATOR : client;
    const message = { template: 'address-held', at: now, from, openChanges } as const;
    await run(tx, enqueueMail(deps, { to: email, message }));
  });
  deps.outbox.wake();
}

/** False if a limit refuses the mail. */
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
