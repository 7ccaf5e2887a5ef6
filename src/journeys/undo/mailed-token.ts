import type { SecurityChange } from '../../access-ledger/security-change.ts';
import { isOpenTo } from '../../credential-change/invitation-state.ts';
import { run } from '../../db/executor.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { Deps } from '../../deps.ts';
import { findLiveInvitation } from '../../invitation/store.ts';
import { hashInvitationToken, isInvitationToken } from '../../invitation/token.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { type Purpose, TAKE_BACK } from '../../proofs/one-time-token/purpose.ts';
import { isResetFor, isSignInFor } from '../../proofs/one-time-token/redeem.ts';
import { findLiveLink } from '../../proofs/one-time-token/store.ts';
import { undoPlanLimits } from '../../rate-limit/limits.ts';
import { findUserByEmail, findUserById } from '../../user/store.ts';
import { planUndo } from './plan.ts';

/** The token of a mail, as the page of its link may show it. */
export type MailedToken = {
  readonly purpose: Purpose | 'invitation';
  readonly email: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly undoes: readonly SecurityChange[];
  readonly stays: readonly SecurityChange[];
};

/**
 * Describes what a mail's token is for. For an undo, it lists what the undo removes and what stays (PR-12, rule
 * 7). It reads and never uses the token: programs that open every link in a mail change nothing.
 *
 * A plan reads the whole ledger of the account, and anybody with an account can make the ledger long, so
 * looking at an undo is rate limited. Other tokens are not: a valid one costs one row, and an invented one
 * costs none.
 *
 * @throws RateLimitedError for a link that undoes something
 * @returns null for a token that was used, has expired, was replaced or was never issued
 */
export async function readMailedToken(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config' | 'rateLimiter'>,
  token: string,
  from: { readonly client: Client; readonly signal: AbortSignal },
): Promise<MailedToken | null> {
  const now = deps.clock.now();
  if (isInvitationToken(token)) return await readInvitation(deps, token);
  const link = await run(deps.db, findLiveLink({ tokenHash: sha256(token), now }));
  if (!link) return null;
  const { purpose, email, createdAt: requestedAt, expiresAt, ipAddress, userAgent } = link;
  const about = { purpose, email, requestedAt, expiresAt, ipAddress, userAgent };
  if (purpose === 'reset-password') {
    const user = await run(deps.db, findUserByEmail(email));
    if (!user || !isResetFor(user, link)) return null;
  }
  if (purpose === 'email-sign-in' && !(await isSignInOpen(deps, link))) return null;
  if (!TAKE_BACK.some((one) => one === purpose)) return { ...about, undoes: [], stays: [] };
  const user = link.userId ? await run(deps.db, findUserById(link.userId)) : null;
  if (!user) return null;
  const { undoes, stays } = await deps.rateLimiter.countAndRun(
    undoPlanLimits(deps.config, user.id),
    from,
    () => planUndo(deps, deps.db, { user, link }),
  );
  return { ...about, undoes, stays };
}

/** An administrator asked for the mail: where they were is not for the invited person to see. */
async function readInvitation(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  token: string,
): Promise<MailedToken | null> {
  const { db, clock } = deps;
  const presented = { tokenHash: hashInvitationToken(token), now: clock.now() };
  const invitation = await run(db, findLiveInvitation(presented));
  if (!invitation) return null;
  const account = await run(db, findUserByEmail(invitation.email));
  if (!(await isOpenTo(deps, db, invitation, account))) return null;
  const { email, createdAt: requestedAt, expiresAt } = invitation;
  const about = { email, requestedAt, expiresAt, ipAddress: null, userAgent: null };
  return { purpose: 'invitation', ...about, undoes: [], stays: [] };
}

/** True if the link of a sign-in by mail would still sign somebody in. */
async function isSignInOpen(
  deps: Pick<Deps, 'db' | 'config'>,
  link: Pick<OneTimeToken, 'email' | 'credentialVersion'>,
): Promise<boolean> {
  const { mode } = deps.config.emailSignIn;
  if (mode === 'off') return false;
  const user = await run(deps.db, findUserByEmail(link.email));
  return user ? isSignInFor(user, link) : mode === 'register';
}
