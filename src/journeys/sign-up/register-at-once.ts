import { recordAudit } from '../../audit/record.ts';
import { isAssertionFailure } from '../../db/pipeline.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { mailVerification } from '../../email-verification/send.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { TAKE_BACK } from '../../proofs/one-time-token/purpose.ts';
import { requireNoLiveLink } from '../../proofs/one-time-token/store.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { mailHeldAddress } from '../../proven-address/held-address.ts';
import { giveDefaultRoles } from '../../role/held.ts';
import { completeFirstFactor } from '../../sign-in-gate/complete-factor.ts';
import { EMPTY_RECORD } from '../../sign-in-gate/history.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { EmailTakenError } from '../../user/errors.ts';
import { newUser } from '../../user/new-user.ts';
import { insertUserOrFail } from '../../user/store.ts';

type AtOnceDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * Creates an account, signs it in and mails a link for verifying the address later, in one round trip. If the
 * rate limits allow no further mail to the address now, the account is created without the mail.
 *
 * @param registration.holder the account that had the address just before, if any. An account that is created
 *   in the meantime violates the unique constraint (DR-4).
 * @throws EmailTakenError if the address has an account, or if an undo can still return the address to its
 *   previous account
 */
export async function registerAtOnce(
  deps: AtOnceDeps,
  registration: Pick<User, 'email' | 'name'> & {
    readonly passwordHash: string;
    readonly holder: User | null;
  },
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const { email, name, passwordHash, holder } = registration;
  if (holder) throw new EmailTakenError();
  const now = deps.clock.now();
  const user = newUser({ id: newId(deps), email, name, passwordHash, createdAt: now });
  const detail = { method: 'password' };
  const to = { email, account: user, byOwner: false };
  const proven = { user, firstFactor: 'pwd', client } as const;
  const { outcome, statements } = completeFirstFactor(deps, proven, EMPTY_RECORD);
  try {
    await mailVerification(deps, to, client, [
      // While an undo can move an account back to the address, an unverified claim must not block it (PR-12).
      requireNoLiveLink({ purposes: TAKE_BACK, email, now }),
      ...insertUserOrFail(user),
      ...giveDefaultRoles(user.id, deps.config.claims.defaultRoles, now),
      recordAudit(deps, { type: 'ACCOUNT_CREATED', userId: user.id, client, detail }),
      ...statements,
    ]);
    return finishSignIn(deps, outcome);
  } catch (error) {
    if (!isAssertionFailure(error)) throw error;
    await mailHeldAddress(deps, { email, userId: null, by: 'anybody', client });
    throw new EmailTakenError();
  }
}
