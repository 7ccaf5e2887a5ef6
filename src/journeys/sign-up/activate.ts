import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { type CheckedProof, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { completeAddressProof } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld } from '../../proven-address/held-address.ts';
import { takeOverUnprovenAccount } from '../../proven-address/take-over.ts';
import { lockRegistrations, takeRegistration } from '../../registration/store.ts';
import { findLiveSession } from '../../session/store.ts';
import {
  completeFirstFactorIn,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { insertUser, lockUserForUpdate, markEmailVerified } from '../../user/store.ts';
/** What a valid proof leads to. */
export type Act =
  /** The holder of the account has verified its address. Everything is kept. */
  | { readonly keep: User; readonly session: Authentication['session'] | null }
  /**
   * The account gets this password and name. `over` is an earlier account that somebody claimed with the
   * address.
   */
  | { readonly set: Chosen; readonly over: User | null };

/** A password and where it comes from. */
type Chosen = {
  readonly passwordHash: string;
  readonly name: string | null;
  /** Null if the password was typed with the proof, so that it depends on the mailbox (EO-6). */
  readonly registration: Registration | null;
};

/** The registration was replaced while its proof was being used. Everything is rolled back. */
export class RegistrationGone extends Error {}

type ActivateDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>;

/**
 * Runs in one transaction: creates the account, verifies its address, ends everything else that is pending for
 * the address, and starts the session. The person's row comes first, then rows about the address. If several
 * proofs arrive at the same time, the first creates the account and the others find it.
 *
 * @throws InvalidTokenError, RegistrationGone, AddressHeld
 */
export async function activate(
  deps: ActivateDeps,
  tx: Executor,
  input: { readonly proof: CheckedProof; readonly act: Act; readonly client: Client },
): Promise<FirstFactorOutcome> {
  const { proof, act, client } = input;
  const user =
    'keep' in act
      ? await keep(deps, tx, act)
      : await createOrTakeOver(deps, tx, { ...act, ...input });
  if (!user) throw new InvalidTokenError();
  await requireNotHeld(deps, tx, proof.email);
  // Before any row about the address, as `register` does. Otherwise the two could wait for each other.
  await run(tx, lockRegistrations(proof.email));
  const spent = await run(tx, spendOneTimeToken(deps, proof));
  if (!spent) throw new InvalidTokenError();
  const registration = 'set' in act ? act.set.registration : null;
  if (registration && !(await run(tx, takeRegistration(registration.id))))
    throw new RegistrationGone();
  await completeAddressProof(deps, tx, user, { client });
  return await completeFirstFactorIn(deps, tx, { user, firstFactor: 'email', client });
}

/** Verifies the address for the holder of the account, unless the account changed hands in the meantime. */
async function keep(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  { keep: account, session }: Extract<Act, { keep: User }>,
): Promise<User | null> {
  const now = deps.clock.now();
  const user = await run(tx, lockUserForUpdate(account.id));
  if (!user || user.credentialVersion !== account.credentialVersion) return null;
  if (user.email !== account.email || user.emailVerifiedAt || user.disabledAt) return null;
  const sessionId = session?.id;
  const isLive =
    !sessionId || (await run(tx, findLiveSession({ sessionId, userId: account.id, now }))) !== null;
  return isLive ? await run(tx, markEmailVerified(account.id, now)) : null;
}

/** Creates the account, or takes over an account whose address was never verified. */
async function createOrTakeOver(
  deps: ActivateDeps,
  tx: Executor,
  input: Extract<Act, { set: Chosen }> & { readonly proof: CheckedProof; readonly client: Client },
): Promise<User | null> {
  const { set, over, proof, client } = input;
  const { email } = proof;
  const now = deps.clock.now();
  const { passwordHash, name } = set;
  const fromMail = set.registration === null;
  if (!over) {
    const made = { id: newId(deps), email, name, passwordHash, passwordFromMail: fromMail };
    return await run(
      tx,
      insertUser({ ...made, emailVerifiedAt: now, createdAt: now, updatedAt: now }),
    );
  }
  const claim = { account: { id: over.id, email }, name, password: { passwordHash, fromMail } };
  const user = await takeOverUnprovenAccount(deps, tx, claim);
  if (!user) return null;
  const message = { template: 'earlier-claim-removed', at: now, from: client } as const;
  await run(tx, enqueueMail(deps, { to: email, message }));
  return user;
}
