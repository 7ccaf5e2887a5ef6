import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/driver/client.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { PasswordNeeded } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { type CheckedProof, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import { demandStrongPassword } from '../../proofs/password/policy.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { forgetEarlierClaimant } from '../../proven-address/forget-earlier-claimant.ts';
import { AddressHeld, mailHeldAddress, requireNotHeld } from '../../proven-address/held-address.ts';
import { lockRegistrations, takeRegistration } from '../../registration/store.ts';
import { findLiveSession } from '../../session/store.ts';
import {
  completeFirstFactor,
  type FirstFactorOutcome,
} from '../../sign-in-gate/complete-factor.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import {
  findUserByEmail,
  insertUser,
  lockUser,
  markEmailVerified,
  setName,
  setPassword,
} from '../../user/store.ts';
import { checkAddressProof, type Presented } from './check-address-proof.ts';

export type VerifyDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'hasher'
  | 'breachCheck'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/** The proof of an address, what says that it comes from the browser that chose the password, or one. */
export type Verification = Presented & {
  readonly password: string | null;
  readonly name: string | null;
};

/** What a good proof does. */
type Act =
  /** The person who holds the account has proven its address: everything stays. */
  | { readonly keep: User; readonly session: Authentication['session'] | null }
  /** The address gets this password and name; `over`: of an account that somebody claimed before. */
  | { readonly set: Chosen; readonly over: User | null };

/** A password and where it comes from. */
type Chosen = {
  readonly passwordHash: string;
  readonly name: string | null;
  /** Null: it was typed with the proof, so it rests on the mailbox (EO-6). */
  readonly registration: Registration | null;
};

/**
 * Proves an address with what its mail carried, and is a first factor for signing in. A password
 * counts only where it came from the same browser as the proof, or is typed with it (PR-11): with the
 * token of a waiting registration that registration becomes the account; without one the answer is
 * PasswordNeeded, and the proof is not used up. On an account whose address nobody had proven, a proof
 * with its session, its token or its present password keeps everything; any other takes the account
 * from whoever claimed it before (PR-8).
 *
 * @throws InvalidTokenError for a proof that is wrong, spent, expired, or of an address that has been
 *   proven meanwhile; WeakPasswordError, RateLimitedError, ServerBusyError
 */
export async function verifyEmail(
  deps: VerifyDeps,
  input: Verification,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | PasswordNeeded> {
  const { proof, registration, claim } = await checkAddressProof(deps, input, client, signal);
  const { email } = proof;
  const account = await findUserByEmail(deps.db, email);
  if (account?.emailVerifiedAt || account?.disabledAt) throw new InvalidTokenError();
  const waiting = { source: sourceOf(client), signal };
  const holds = () => holdsAccount(deps, account, { ...input, claim }, waiting);
  const act: Act | null =
    account && (await holds())
      ? { keep: account, session: sessionOf(account, input.viewer) }
      : await chosen(deps, { ...input, email, registration, account }, waiting);
  if (!act) return { kind: 'PasswordNeeded', email };
  try {
    const admission = await transaction(deps.db, (tx) =>
      activate(deps, tx, { proof, act, client }),
    );
    deps.outbox.wake();
    return finishSignIn(deps, admission);
  } catch (error) {
    if (error instanceof RegistrationGone) return { kind: 'PasswordNeeded', email };
    if (!(error instanceof AddressHeld)) throw error;
    await mailHeldAddress(deps, { email, userId: null, byOwner: true, client });
    throw new InvalidTokenError();
  }
}

/** The registration lost the right to activate while its proof was being used: all is rolled back. */
class RegistrationGone extends Error {}

type Waiting = { readonly source: ReturnType<typeof sourceOf>; readonly signal: AbortSignal };

function sessionOf(account: User, viewer: Authentication | null): Authentication['session'] | null {
  return viewer?.user.id === account.id ? viewer.session : null;
}

/** Whether the proof comes with a session of the account, a token of it, or its present password. */
async function holdsAccount(
  deps: Pick<Deps, 'hasher'>,
  account: User | null,
  input: Verification & { readonly claim: User | null },
  waiting: Waiting,
): Promise<boolean> {
  if (!account) return false;
  if (sessionOf(account, input.viewer) || input.claim?.id === account.id) return true;
  if (input.password === null || account.passwordHash === null) return false;
  return await deps.hasher.verify(input.password, account.passwordHash, waiting);
}

/** @returns null where no password came with the proof that counts */
async function chosen(
  deps: VerifyDeps,
  input: Verification & {
    readonly email: string;
    readonly registration: Registration | null;
    readonly account: User | null;
  },
  waiting: Waiting,
): Promise<Act | null> {
  const { registration, password, email, name, account } = input;
  if (registration?.passwordHash) {
    const { passwordHash } = registration;
    return { set: { passwordHash, name: registration.name, registration }, over: account };
  }
  if (password === null) return null;
  await demandStrongPassword(deps, password, { email, name });
  const passwordHash = await deps.hasher.hash(password, waiting);
  return { set: { passwordHash, name, registration: null }, over: account };
}

/**
 * One transaction: the account, its proven address, the end of whatever else waits for the address, and
 * the session. The person's row comes first, then what is about the address: of any number who come at
 * once the first makes the account, and the others find it made.
 *
 * @throws InvalidTokenError, RegistrationGone, AddressHeld
 */
async function activate(
  deps: VerifyDeps,
  tx: Executor,
  input: { readonly proof: CheckedProof; readonly act: Act; readonly client: Client },
): Promise<FirstFactorOutcome> {
  const { proof, act, client } = input;
  const user =
    'keep' in act ? await keep(deps, tx, act) : await settle(deps, tx, { ...act, ...input });
  if (!user) throw new InvalidTokenError();
  await requireNotHeld(deps, tx, proof.email);
  // Before any row about the address, as `register` does: otherwise each could wait for the other.
  await lockRegistrations(tx, proof.email);
  const spent = await spendOneTimeToken(deps, tx, proof);
  if (!spent) throw new InvalidTokenError();
  const registration = 'set' in act ? act.set.registration : null;
  if (registration && !(await takeRegistration(tx, registration.id))) throw new RegistrationGone();
  await endAddressClaims(deps, tx, proof.email);
  await recordAudit(deps, tx, { type: 'EMAIL_VERIFIED', userId: user.id, client });
  const admission = await completeFirstFactor(deps, tx, { user, firstFactor: 'email', client });
  if (!admission) throw new InvalidTokenError();
  return admission;
}

/** Marks the address proven for who holds the account, unless it changed hands meanwhile. */
async function keep(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  { keep: account, session }: Extract<Act, { keep: User }>,
): Promise<User | null> {
  const now = deps.clock.now();
  const user = await lockUser(tx, account.id);
  if (!user || user.credentialVersion !== account.credentialVersion) return null;
  if (user.email !== account.email || user.emailVerifiedAt || user.disabledAt) return null;
  const sessionId = session?.id;
  const isLive =
    !sessionId || (await findLiveSession(tx, { sessionId, userId: account.id, now })) !== null;
  return isLive ? await markEmailVerified(tx, account.id, now) : null;
}

/** Makes the account, or takes one whose address was never proven from whoever claimed it before. */
async function settle(
  deps: VerifyDeps,
  tx: Executor,
  input: Extract<Act, { set: Chosen }> & { readonly proof: CheckedProof; readonly client: Client },
): Promise<User | null> {
  const { set, over, proof, client } = input;
  const { email } = proof;
  const now = deps.clock.now();
  const { passwordHash, name } = set;
  const passwordFromMail = set.registration === null;
  if (!over) {
    const made = { id: newId(deps), email, name, passwordHash, passwordFromMail };
    return await insertUser(tx, { ...made, emailVerifiedAt: now, createdAt: now, updatedAt: now });
  }
  const claimed = await lockUser(tx, over.id);
  if (!claimed || claimed.email !== email) return null;
  if (claimed.emailVerifiedAt || claimed.disabledAt) return null;
  const userId = claimed.id;
  await forgetEarlierClaimant(deps, tx, userId);
  await setName(tx, { userId, name, now });
  await setPassword(tx, { userId, passwordHash, fromMail: passwordFromMail, now });
  const message = { template: 'earlier-claim-removed', at: now, from: client } as const;
  await enqueueMail(deps, tx, { to: email, message });
  return await markEmailVerified(tx, userId, now);
}
