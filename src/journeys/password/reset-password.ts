import { recordAdded } from '../../access-ledger/record.ts';
import { listEntries } from '../../access-ledger/store.ts';
import {
  linkOf,
  openChangesOf,
  recordNewAccess,
  renewUndoLinks,
} from '../../access-ledger/undo-link.ts';
import { endEarlierAccess } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import type { PresentedProof } from '../../kernel/proof.ts';
import { sourceOf } from '../../kernel/source.ts';
import {
  type CheckedProof,
  checkOneTimeToken,
  isResetFor,
  spendOneTimeToken,
} from '../../proofs/one-time-token/redeem.ts';
import { requireStrongPassword } from '../../proofs/password/policy.ts';
import { completeAddressProof } from '../../proven-address/end-address-claims.ts';
import { forgetEarlierClaimant } from '../../proven-address/take-over.ts';
import { mintDeviceToken } from '../../rate-limit/device-token.ts';
import { limitsOfAccount, mailProofLimits } from '../../rate-limit/limits.ts';
import {
  findUserByEmail,
  lockUserForUpdate,
  markEmailVerified,
  setPassword,
} from '../../user/store.ts';
import type { PasswordChanged } from './password-changed.ts';
import { subjectOfReset } from './reset-token.ts';

type ResetDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'config'
  | 'hasher'
  | 'breachCheck'
  | 'rateLimiter'
  | 'outbox'
>;

/**
 * Sets a new password with the proof from the mail. Every session ends before the response is sent, and nobody
 * is signed in. Second factors stay (PR-4). The proof is used only together with the change, so a weak password
 * can be followed by a better one.
 *
 * @throws InvalidTokenError, WeakPasswordError, RateLimitedError, ServerBusyError
 */
export async function resetPassword(
  deps: ResetDeps,
  input: PresentedReset & { readonly newPassword: string },
  client: Client,
  signal: AbortSignal,
): Promise<PasswordChanged> {
  const limits = mailProofLimits(deps.config, client);
  const checked = await deps.rateLimiter.attempt(limits, { client, signal }, async () => {
    const right = await checkReset(deps, input);
    if (!right) throw new InvalidTokenError();
    return right;
  });
  const person = await run(deps.db, findUserByEmail(checked.email));
  if (!person) throw new InvalidTokenError();
  await requireStrongPassword(deps, input.newPassword, person);
  const source = sourceOf(client);
  const passwordHash = await deps.hasher.hash(input.newPassword, { source, signal });
  const now = deps.clock.now();
  const sessionsRevoked = await transaction(deps.db, async (tx) => {
    // The person's row before their proofs: every operation takes its locks in this order.
    const user = await run(tx, lockUserForUpdate(person.id));
    const spent = await run(tx, spendOneTimeToken(deps, checked));
    if (!user || !spent || !isResetFor(user, spent)) throw new InvalidTokenError();
    const ended = await putPassword(deps, tx, { user, passwordHash, client });
    // Failed guesses at the old password say nothing about the new one, whether they came from strangers or from
    // someone who kept device tokens (RL-3).
    await run(tx, deps.rateLimiter.reset(limitsOfAccount(deps.config, user)));
    return ended;
  });
  deps.outbox.wake();
  // Otherwise, strangers who keep guessing would exhaust the limit again before the new password is typed.
  const device = mintDeviceToken(deps, person.email, checked.id);
  return { kind: 'PasswordChanged', at: now, sessionsRevoked, device };
}

/** The proof from a reset mail, and the token of the browser that requested the reset. */
type PresentedReset = { readonly proof: PresentedProof; readonly resetToken: string | null };

/**
 * A link works in every browser. A code works only in the browser that requested it. A code from another
 * browser is compared with nothing, and its failure counts only toward the limits of its source (RL-3).
 */
async function checkReset(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring'>,
  { proof, resetToken }: PresentedReset,
): Promise<CheckedProof | null> {
  if ('token' in proof) return await checkOneTimeToken(deps, 'reset-password', proof);
  if (resetToken === null) return null;
  const holder = { subject: subjectOfReset(resetToken) };
  return await checkOneTimeToken(deps, 'reset-password', proof, holder);
}

async function putPassword(
  deps: ResetDeps,
  tx: Executor,
  change: { readonly user: User; readonly passwordHash: string; readonly client: Client },
): Promise<number> {
  const { user, passwordHash, client } = change;
  const userId = user.id;
  const now = deps.clock.now();
  const ended = await endEarlierAccess(deps, tx, userId);
  if (!user.emailVerifiedAt) {
    await forgetEarlierClaimant(deps, tx, userId);
    await run(tx, markEmailVerified(userId, now));
    await completeAddressProof(deps, tx, user, { client });
  }
  await run(tx, setPassword({ userId, passwordHash, fromMail: true, now }));
  const isFirst = user.passwordHash === null;
  const entries = await run(tx, listEntries(userId));
  const { email } = user;
  // Created before the link of this change, which has a place of its own in the mail.
  const open = await renewUndoLinks(deps, tx, { userId, email, entries });
  const act = { kind: 'password', sessionId: null } as const;
  const undo = isFirst
    ? await recordNewAccess(deps, tx, { user, act, client })
    : await run(tx, recordAdded(deps, { ...act, userId })).then(() => null);
  const detail = { sessionsRevoked: ended };
  const event = { type: 'PASSWORD_RESET', userId, client, detail } as const;
  const openChanges = openChangesOf(open);
  const message = {
    template: 'password-reset-done',
    at: now,
    from: client,
    ...linkOf(undo),
    openChanges,
  } as const;
  await reportChange(deps, tx, event, { to: email, message });
  return ended;
}
