import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import {
  type CheckedProof,
  isSignInFor,
  spendOneTimeToken,
} from '../../proofs/one-time-token/redeem.ts';
import { completeAddressProof, endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { requireNotHeld } from '../../proven-address/held-address.ts';
import { takeOverUnprovenAccount } from '../../proven-address/take-over.ts';
import { lockRegistrations } from '../../registration/store.ts';
import { giveDefaultRoles } from '../../role/held.ts';
import {
  completeFirstFactorIn,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { findUserByEmail, insertUser, lockUserForUpdate } from '../../user/store.ts';

type SignInDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>;

type Proven = { readonly proof: CheckedProof; readonly client: Client };

/**
 * Runs in one transaction: finds or creates the person of the address, uses the proof up, and starts the session
 * or issues the challenge. The mailbox is the first factor, so that the second can never be a code that is mailed
 * to it (EL-4). The person's row comes first, then rows about the address, as in every operation.
 *
 * @throws InvalidTokenError, AddressHeld, RateLimitedError
 */
export async function signInWithProof(
  deps: SignInDeps,
  tx: Executor,
  proven: Proven,
): Promise<FirstFactorOutcome> {
  const user = await findOrCreatePerson(deps, tx, proven);
  const { client } = proven;
  return await completeFirstFactorIn(deps, tx, { user, firstFactor: 'email', client });
}

async function findOrCreatePerson(deps: SignInDeps, tx: Executor, proven: Proven): Promise<User> {
  const { email } = proven.proof;
  const isMaking = deps.config.emailSignIn.mode === 'register';
  const made = isMaking ? await createAccount(deps, tx, email) : null;
  if (made) return await completeRegistration(deps, tx, made, proven);
  const found = await run(tx, findUserByEmail(email));
  const holder = found && (await run(tx, lockUserForUpdate(found.id)));
  // The account was deleted or moved in the meantime. The proof is not used up.
  if (holder?.email !== email) throw new InvalidTokenError();
  if (!holder.emailVerifiedAt) return await takeOver(deps, tx, holder, proven);
  const spent = await run(tx, spendOneTimeToken(deps, proven.proof));
  if (!spent || !isSignInFor(holder, spent)) throw new InvalidTokenError();
  return holder;
}

/** @returns null if the address has an account */
async function createAccount(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  email: string,
): Promise<User | null> {
  const now = deps.clock.now();
  const times = { emailVerifiedAt: now, createdAt: now, updatedAt: now };
  return await run(
    tx,
    insertUser({ id: newId(deps), email, name: null, passwordHash: null, ...times }),
  );
}

async function completeRegistration(
  deps: SignInDeps,
  tx: Executor,
  user: User,
  { proof, client }: Proven,
): Promise<User> {
  const { id: userId, email } = user;
  const { defaultRoles } = deps.config.claims;
  await pipeline(tx, giveDefaultRoles(userId, defaultRoles, deps.clock.now()));
  await requireNotHeld(deps, tx, email);
  await spendWithClaims(deps, tx, proof);
  await endAddressClaims(deps, tx, email);
  const detail = { method: 'email' };
  await run(tx, recordAudit(deps, { type: 'ACCOUNT_CREATED', userId, client, detail }));
  return user;
}

/**
 * The account's address was never verified, so this is its first proof: whoever claimed the address before loses
 * everything before the session begins (EL-3, PR-8).
 */
async function takeOver(
  deps: SignInDeps,
  tx: Executor,
  holder: User,
  { proof, client }: Proven,
): Promise<User> {
  const { id, email } = holder;
  const claim = { account: { id, email }, name: null, password: null };
  const user = await takeOverUnprovenAccount(deps, tx, claim);
  if (!user) throw new InvalidTokenError();
  await requireNotHeld(deps, tx, email);
  await spendWithClaims(deps, tx, proof);
  const detail = { method: 'email', tookOver: true };
  await completeAddressProof(deps, tx, user, { client, detail });
  const message = {
    template: 'earlier-claim-removed',
    at: deps.clock.now(),
    from: client,
  } as const;
  await run(tx, enqueueMail(deps, { to: email, message }));
  return user;
}

/** Takes the locks in the order of `register`: the registrations come before other rows about the address. */
async function spendWithClaims(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  proof: CheckedProof,
): Promise<void> {
  await run(tx, lockRegistrations(proof.email));
  if (!(await run(tx, spendOneTimeToken(deps, proof)))) throw new InvalidTokenError();
}
