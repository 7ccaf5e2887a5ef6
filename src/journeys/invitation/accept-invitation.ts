import { isOpenTo } from '../../credential-change/invitation-state.ts';
import { run } from '../../db/executor.ts';
import type { Invitation } from '../../db/tables/invitation.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { PasswordNeeded } from '../../email-verification/outcomes.ts';
import { findLiveInvitation } from '../../invitation/store.ts';
import { hashInvitationToken, isInvitationToken } from '../../invitation/token.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sourceOf } from '../../kernel/source.ts';
import { requireStrongPassword } from '../../proofs/password/policy.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { unlessAddressHeld } from '../../proven-address/held-address.ts';
import { mailProofLimits } from '../../rate-limit/limits.ts';
import { isAccountChanged } from '../../session/create.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { findUserByEmail } from '../../user/store.ts';
import { acceptIn } from './accept-in.ts';

type AcceptDeps = Pick<
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

/** The token of the link, with what the invited person chooses. */
export type Acceptance = {
  readonly token: string;
  readonly password: string | null;
  /** Null keeps the name that the administrator gave. */
  readonly name: string | null;
};

/**
 * Accepts an invitation. The token proves the mailbox, so that the account has a proven address from the start and its
 * owner is signed in. Everything else that the invitation gives comes from its row, never from the input (AD-8).
 *
 * Without a password the answer is PasswordNeeded, and nothing is used up: a program that opens every link of a mail
 * changes nothing.
 *
 * @throws InvalidTokenError if the invitation was accepted, replaced or revoked, or has expired; and if its address has
 *   an account whose owner has entered it in the meantime, or that is disabled. The answer is the same in all cases
 * @throws WeakPasswordError, RateLimitedError, ServerBusyError
 */
export async function acceptInvitation(
  deps: AcceptDeps,
  { token, password, name }: Acceptance,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | PasswordNeeded> {
  const limits = mailProofLimits(deps.config, client);
  const invitation = await deps.rateLimiter.attempt(limits, { client, signal }, () =>
    checkInvitation(deps, token),
  );
  const { email } = invitation;
  if (password === null) return { kind: 'PasswordNeeded', email };
  await requireStrongPassword(deps, password, { email, name });
  const passwordHash = await deps.hasher.hash(password, { source: sourceOf(client), signal });
  const accepted = { invitation, passwordHash, name, client };
  try {
    const outcome = await unlessAddressHeld(
      deps,
      { userId: null, client },
      () => transaction(deps.db, (tx) => acceptIn(deps, tx, accepted)),
      () => new InvalidTokenError(),
    );
    deps.outbox.wake();
    return finishSignIn(deps, outcome);
  } catch (error) {
    if (isAccountChanged(error)) throw new InvalidTokenError();
    throw error;
  }
}

/** Finds the invitation of a token without using it up. @throws InvalidTokenError */
async function checkInvitation(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  token: string,
): Promise<Invitation> {
  const { db, clock } = deps;
  if (!isInvitationToken(token)) throw new InvalidTokenError();
  const tokenHash = hashInvitationToken(token);
  const invitation = await run(db, findLiveInvitation({ tokenHash, now: clock.now() }));
  if (!invitation) throw new InvalidTokenError();
  const account = await run(db, findUserByEmail(invitation.email));
  if (!(await isOpenTo(deps, db, invitation, account))) throw new InvalidTokenError();
  return invitation;
}
