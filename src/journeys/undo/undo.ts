import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { recordAudit } from '../../audit/record.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { TAKE_BACK, type TakeBack, UNDER_WAY } from '../../proofs/one-time-token/purpose.ts';
import {
  type CheckedProof,
  checkOneTimeToken,
  spendOneTimeToken,
} from '../../proofs/one-time-token/redeem.ts';
import { endProofsOf, endUndoLinks } from '../../proofs/one-time-token/store.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { mailProofLimits } from '../../rate-limit/limits.ts';
import { revokeSessions } from '../../session/store.ts';
import { undoCredentials } from '../../user/credential-store.ts';
import { lockUserForUpdate } from '../../user/store.ts';
import { planUndo } from './plan.ts';
import { reportUndo, type Undone } from './report-undo.ts';
import { changeThings } from './things.ts';

/** The change in the mail and everything connected with it was undone. */
export type SecurityChangeUndone = Outcome<'SecurityChangeUndone'> & {
  readonly undone: readonly SecurityChange[];
  readonly restored: readonly SecurityChange[];
  readonly stays: readonly SecurityChange[];
  readonly sessionsRevoked: number;
};

/** The account has its old address back, and nobody is signed in to it. */
export type EmailChangeUndone = Outcome<'EmailChangeUndone'> & {
  readonly at: Date;
  readonly email: string;
  readonly sessionsRevoked: number;
};

type UndoDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'
>;

/**
 * Undoes an added credential with the link of the mail that reported it, and everything connected with it
 * (PR-12, ADR-0018). A person who uses the link states that somebody else was in the account: every session
 * ends, the password is removed, and whatever the other person removed is restored. It works on a disabled
 * account and leaves it disabled.
 *
 * @throws RateLimitedError, ServerBusyError; InvalidTokenError for a link that was used, has expired, was
 *   ended by another undo or was never issued
 */
export async function undoSecurityChange(
  deps: UndoDeps,
  token: string,
  client: Client,
): Promise<SecurityChangeUndone> {
  const { undone, restored, stays, sessionsRevoked } = await undoWith(
    deps,
    { token, purposes: ['undo-security-change'] },
    client,
  );
  return { kind: 'SecurityChangeUndone', undone, restored, stays, sessionsRevoked };
}

/**
 * Undoes a change of address, or stops one that is not confirmed yet, with the link of either mail to the old
 * address (PR-7). It undoes with the same walk.
 *
 * @throws RateLimitedError, ServerBusyError; InvalidTokenError also if another account has verified the old
 *   address in the meantime
 */
export async function undoEmailChange(
  deps: UndoDeps,
  token: string,
  client: Client,
): Promise<EmailChangeUndone> {
  const { at, email, sessionsRevoked } = await undoWith(
    deps,
    { token, purposes: ['undo-email-change', 'stop-email-change'] },
    client,
  );
  return { kind: 'EmailChangeUndone', at, email, sessionsRevoked };
}

async function undoWith(
  deps: UndoDeps,
  link: { readonly token: string; readonly purposes: readonly TakeBack[] },
  client: Client,
): Promise<Undone> {
  const { token, purposes } = link;
  const checked = await deps.rateLimiter.attempt(
    mailProofLimits(deps.config, client),
    { client },
    async () => {
      for (const purpose of purposes) {
        const right = await checkOneTimeToken(deps, purpose, { token });
        if (right) return right;
      }
      throw new InvalidTokenError();
    },
  );
  const { userId } = checked;
  if (!userId) throw new InvalidTokenError();
  try {
    const undone = await transaction(deps.db, (tx) => undo(deps, tx, { checked, userId, client }));
    deps.outbox.wake();
    return undone;
  } catch (error) {
    if (isUniqueViolation(error, 'users_email_unique')) throw new InvalidTokenError();
    throw error;
  }
}

async function undo(
  deps: UndoDeps,
  tx: Executor,
  input: { readonly checked: CheckedProof; readonly userId: string; readonly client: Client },
): Promise<Undone> {
  const { checked, userId, client } = input;
  const now = deps.clock.now();
  // The person's row first: of two concurrent undos, the second sees what the first left.
  const user = await run(tx, lockUserForUpdate(userId));
  const link = user && (await run(tx, spendOneTimeToken(deps, checked)));
  if (!user || !link) throw new InvalidTokenError();
  const plan = await planUndo(deps, tx, { user, link });

  await run(tx, endProofsOf({ userId, now, purposes: UNDER_WAY }));
  await run(
    tx,
    endUndoLinks({
      userId,
      email: link.email,
      purposes: TAKE_BACK,
      ofChanges: plan.changeIds,
      sinceThen: plan.laterChangeIds,
      now,
    }),
  );
  const restored = await changeThings(deps, tx, { user, plan, client });
  const because = 'security-change-undone';
  const sessionsRevoked = await run(tx, revokeSessions({ userId, now, because }));
  await run(tx, undoCredentials({ userId, email: plan.movesTo, now }));
  if (plan.movesTo) await endAddressClaims(deps, tx, plan.movesTo);
  await run(
    tx,
    recordAudit(deps, {
      type:
        link.purpose === 'undo-security-change' ? 'SECURITY_CHANGE_UNDONE' : 'EMAIL_CHANGE_UNDONE',
      userId,
      client,
      detail: {
        mail: link.purpose,
        ...(link.changeId && { change: link.changeId }),
        undone: plan.undoes.length,
        restored: restored.length,
        moved: plan.movesTo !== null,
        sessionsRevoked,
      },
    }),
  );
  const { undoes: undone, stays } = plan;
  const outcome = { at: now, email: link.email, undone, restored, stays, sessionsRevoked };
  await reportUndo(deps, tx, { user, link, plan, outcome, client });
  return outcome;
}
