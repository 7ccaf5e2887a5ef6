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
import { type Activation, activate, RegistrationGone } from './activate.ts';
import { checkAddressProof, type PresentedAddressProof } from './check-address-proof.ts';

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
 * The proof of an address, with what the browser sends along: the token or session that shows that it chose
 * the password, or a new password.
 */
export type Verification = PresentedAddressProof & {
  readonly password: string | null;
  readonly name: string | null;
};

/**
 * Verifies an address with the proof from a mail. The proof also counts as the first factor of a sign-in.
 *
 * A password counts only if it comes from the same browser as the proof, or is typed together with the proof
 * (PR-11). With the token of a pending registration, that registration becomes the account. With neither a
 * token nor a password, the answer is PasswordNeeded, and the proof is not used.
 *
 * If the address has an account that was never verified, a proof with the account's session, its token or its
 * current password keeps everything. Any other proof takes the account over from the person who claimed the
 * address before (PR-8).
 *
 * @throws InvalidTokenError if the proof is wrong, used or expired, or if the address was verified in the
 *   meantime; WeakPasswordError, RateLimitedError, ServerBusyError
 */
export async function verifyEmail(
  deps: VerifyDeps,
  input: Verification,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | PasswordNeeded> {
  const { proof, registration, tokenAccount } = await checkAddressProof(
    deps,
    input,
    client,
    signal,
  );
  const { email } = proof;
  const account = await run(deps.db, findUserByEmail(email));
  if (account?.emailVerifiedAt || account?.disabledAt) throw new InvalidTokenError();
  const waiting = { source: sourceOf(client), signal };
  const isHolder = () => isHolderOfAccount(deps, account, { ...input, tokenAccount }, waiting);
  const activation: Activation | null =
    account && (await isHolder())
      ? { keep: account, session: sessionOf(account, input.viewer) }
      : await chooseCredentials(deps, { ...input, email, registration, account }, waiting);
  if (!activation) return { kind: 'PasswordNeeded', email };
  try {
    const outcome = await unlessAddressHeld(
      deps,
      { userId: null, client },
      () => transaction(deps.db, (tx) => activate(deps, tx, { proof, activation, client })),
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

/** True if the request also contains a session of the account, a token of it, or its current password. */
async function isHolderOfAccount(
  deps: Pick<Deps, 'hasher'>,
  account: User | null,
  input: Verification & { readonly tokenAccount: User | null },
  waiting: Waiting,
): Promise<boolean> {
  if (!account) return false;
  if (sessionOf(account, input.viewer) || input.tokenAccount?.id === account.id) return true;
  if (input.password === null || account.passwordHash === null) return false;
  return await deps.hasher.verify(input.password, account.passwordHash, waiting);
}

/** @returns null if the request contains neither a pending registration with a password nor a password */
async function chooseCredentials(
  deps: VerifyDeps,
  input: Verification & {
    readonly email: string;
    readonly registration: Registration | null;
    readonly account: User | null;
  },
  waiting: Waiting,
): Promise<Activation | null> {
  const { registration, password, email, name, account } = input;
  if (registration?.passwordHash) {
    const { passwordHash } = registration;
    return { set: { passwordHash, name: registration.name, registration }, replaces: account };
  }
  if (password === null) return null;
  await requireStrongPassword(deps, password, { email, name });
  const passwordHash = await deps.hasher.hash(password, waiting);
  return { set: { passwordHash, name, registration: null }, replaces: account };
}
