import { run } from '../../db/executor.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { PasswordNeeded } from '../../email-verification/outcomes.ts';
import type { Authentication } from '../../graphql/context.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { requireStrongPassword } from '../../proofs/password/policy.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { unlessAddressHeld } from '../../proven-address/held-address.ts';
import { isAccountChanged } from '../../session/create.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { findUserByEmail } from '../../user/store.ts';
import { type Act, activate, RegistrationGone } from './activate.ts';
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

/**
 * The proof of an address, and what shows that it comes from the browser that chose the password, or a new
 * password.
 */
export type Verification = Presented & {
  readonly password: string | null;
  readonly name: string | null;
};

/**
 * Verifies an address with the proof from its mail, which also counts as a first factor for signing in. A
 * password counts only if it came from the same browser as the proof, or is typed with it (PR-11). With the
 * token of a pending registration, that registration becomes the account. Without a token, the answer is
 * PasswordNeeded, and the proof is not used. For an account whose address was never verified, a proof with the
 * account's session, its token or its current password keeps everything. Any other proof takes the account over
 * from whoever claimed it before (PR-8).
 *
 * @throws InvalidTokenError for a proof that is wrong, used or expired, or whose address was verified in the
 *   meantime; WeakPasswordError, RateLimitedError, ServerBusyError
 */
export async function verifyEmail(
  deps: VerifyDeps,
  input: Verification,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | PasswordNeeded> {
  const { proof, registration, claim } = await checkAddressProof(deps, input, client, signal);
  const { email } = proof;
  const account = await run(deps.db, findUserByEmail(email));
  if (account?.emailVerifiedAt || account?.disabledAt) throw new InvalidTokenError();
  const waiting = { source: sourceOf(client), signal };
  const holds = () => holdsAccount(deps, account, { ...input, claim }, waiting);
  const act: Act | null =
    account && (await holds())
      ? { keep: account, session: sessionOf(account, input.viewer) }
      : await chosen(deps, { ...input, email, registration, account }, waiting);
  if (!act) return { kind: 'PasswordNeeded', email };
  try {
    const outcome = await unlessAddressHeld(
      deps,
      { userId: null, client },
      () => transaction(deps.db, (tx) => activate(deps, tx, { proof, act, client })),
      () => new InvalidTokenError(),
    );
    deps.outbox.wake();
    return finishSignIn(deps, outcome);
  } catch (error) {
    if (error instanceof RegistrationGone) return { kind: 'PasswordNeeded', email };
    if (isAccountChanged(error)) throw new InvalidTokenError();
    throw error;
  }
}

type Waiting = { readonly source: ReturnType<typeof sourceOf>; readonly signal: AbortSignal };

function sessionOf(account: User, viewer: Authentication | null): Authentication['session'] | null {
  return viewer?.user.id === account.id ? viewer.session : null;
}

/** True if the proof comes with a session of the account, a token of it, or its current password. */
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

/** @returns null if no valid password came with the proof */
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
  await requireStrongPassword(deps, password, { email, name });
  const passwordHash = await deps.hasher.hash(password, waiting);
  return { set: { passwordHash, name, registration: null }, over: account };
}
