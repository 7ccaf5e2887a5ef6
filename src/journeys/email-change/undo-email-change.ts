import { recordAudit } from '../../audit/record.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { BOUND_TO_CREDENTIALS, TAKE_BACK } from '../../proofs/one-time-token/purpose.ts';
import {
  type CheckedProof,
  checkOneTimeToken,
  spendOneTimeToken,
} from '../../proofs/one-time-token/redeem.ts';
import { endProofsOf } from '../../proofs/one-time-token/store.ts';
import { revokeSessions } from '../../session/store.ts';
import { mailProofCharges } from '../../throttle/charges.ts';
import { changeEmail, lockUser } from '../../user/store.ts';
import { forgetIntruder } from './forget-intruder.ts';

/** The account has its old address, and nobody is signed in to it. */
export type EmailChangeUndone = Outcome<'EmailChangeUndone'> & {
  readonly at: Date;
  readonly email: string;
  readonly sessionsRevoked: number;
};

type UndoDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'throttle' | 'outbox'>;

/**
 * Takes a change of address back, or stops one that still waits for its proof, with the link of
 * either mail to the old address (PR-7). Who asks for that says that somebody else is in the
 * account: every session ends, every mail under way to the other address is void, and so is what
 * would let them in again (docs/decisions/0024-taking-an-address-back.md). It is bound to no
 * credentials, or whoever took the account over would void it with a new password.
 *
 * @throws RateLimitedError, ServerBusyError; InvalidTokenError also when somebody else has proven the
 *   old address meanwhile
 */
export async function undoEmailChange(
  deps: UndoDeps,
  token: string,
  client: Client,
): Promise<EmailChangeUndone> {
  const { checked, userId } = await deps.throttle.attempt(
    mailProofCharges(client),
    { client },
    async () => {
      const right =
        (await checkOneTimeToken(deps, 'undo-email-change', { token })) ??
        (await checkOneTimeToken(deps, 'stop-email-change', { token }));
      if (!right?.userId) throw new InvalidTokenError();
      return { checked: right, userId: right.userId };
    },
  );
  try {
    const undone = await goBack(deps, { checked, userId, client });
    deps.outbox.wake();
    return undone;
  } catch (error) {
    if (isUniqueViolation(error, 'users_email_unique')) throw new InvalidTokenError();
    throw error;
  }
}

async function goBack(
  deps: UndoDeps,
  input: { readonly checked: CheckedProof; readonly userId: string; readonly client: Client },
): Promise<EmailChangeUndone> {
  const { checked, userId, client } = input;
  const { email } = checked;
  const now = deps.clock.now();
  return await transaction(deps.db, async (tx) => {
    // The person before their proofs: the order in which every operation takes its locks.
    const before = await lockUser(tx, userId);
    const spent = before && (await spendOneTimeToken(deps, tx, checked));
    if (!spent) throw new InvalidTokenError();
    await endProofsOf(tx, { userId, now, purposes: BOUND_TO_CREDENTIALS });
    // The ways back to an address the account had later lead to whoever moved it there.
    const since = spent.createdAt;
    const later = { purposes: TAKE_BACK, issuedSince: since, exceptEmail: email };
    await endProofsOf(tx, { userId, now, ...later });
    const because = 'credentials-changed';
    const sessionsRevoked = await revokeSessions(tx, { userId, now, because });
    await changeEmail(tx, { userId, email, now });
    const stillPending = before.email === email;
    const leftEmail = before.email;
    if (!stillPending) await forgetIntruder(deps, tx, { userId, since, email, leftEmail, client });
    const detail = { stillPending, sessionsRevoked };
    await recordAudit(deps, tx, { type: 'EMAIL_CHANGE_UNDONE', userId, client, detail });
    return { kind: 'EmailChangeUndone', at: now, email, sessionsRevoked };
  });
}
