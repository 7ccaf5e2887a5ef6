import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
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
import { giveDefaultRoles } from '../../role/held.ts';
import { findLiveSession } from '../../session/store.ts';
import {
  completeFirstFactorIn,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { insertUser, lockUserForUpdate, markEmailVerified } from '../../user/store.ts';

/** The effect of a valid address proof. */
export type Activation =
  /** The holder of the account verifies its address. Everything is kept. */
  | { readonly keep: User; readonly session: Authentication['session'] | null }
  /**
   * The account gets this password and name. `replaces` is an unverified account that somebody else created
   * with the address, if any.
   */
  | { readonly set: Chosen; readonly replaces: User | null };

/** The password and name of the new account, and the registration that they come from. */
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
  input: { readonly proof: CheckedProof; readonly activation: Activation; readonly client: Client },
): Promise<FirstFactorOutcome> {
  const { proof, activation, client } = input;
  const user =
    'keep' in activation
      ? await keep(deps, tx, activation)
      : await createOrTakeOver(deps, tx, { ...activation, ...input });
  if (!user) throw new InvalidTokenError();
  await requireNotHeld(deps, tx, proof.email);
  // Locks in the same order as `register`: the registrations come before all other rows about the address.
  // Otherwise two transactions could wait for each other.
  await run(tx, lockRegistrations(proof.email));
  const spent = await run(tx, spendOneTimeToken(deps, proof));
  if (!spent) throw new InvalidTokenError();
  const registration = 'set' in activation ? activation.set.registration : null;
  if (registration && !(await run(tx, takeRegistration(registration.id))))
    throw new RegistrationGone();
  await completeAddressProof(deps, tx, user, { client });
  return await completeFirstFactorIn(deps, tx, { user, firstFactor: 'email', client });
}

/** Verifies the address for the holder of the account, unless the account changed hands in the meantime. */
async function keep(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  { keep: account, session }: Extract<Activation, { keep: User }>,
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
  input: Extract<Activation, { set: Chosen }> & {
    readonly proof: CheckedProof;
    readonly client: Client;
  },
): Promise<User | null> {
  const { set, replaces, proof, client } = input;
  const { email } = proof;
  const now = deps.clock.now();
  const { passwordHash, name } = set;
  const fromMail = set.registration === null;
  if (!replaces) {
    const made = { id: newId(deps), email, name, passwordHash, passwordFromMail: fromMail };
    const created = await run(
      tx,
      insertUser({ ...made, emailVerifiedAt: now, createdAt: now, updatedAt: now }),
    );
    if (!created) return null;
    const detail = { method: 'password' };
    await pipeline(tx, [
      ...giveDefaultRoles(made.id, deps.config.claims.defaultRoles, now),
      recordAudit(deps, { type: 'ACCOUNT_CREATED', userId: made.id, client, detail }),
    ]);
    return created;
  }
  const claim = { account: { id: replaces.id, email }, name, password: { passwordHash, fromMail } };
  const user = await takeOverUnprovenAccount(deps, tx, claim);
  if (!user) return null;
  const message = { template: 'earlier-claim-removed', at: now, from: client } as const;
  await run(tx, enqueueMail(deps, { to: email, message }));
  return user;
}
