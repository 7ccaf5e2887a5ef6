import type { SecurityChange } from '../../access-ledger/security-change.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { type Purpose, TAKE_BACK } from '../../proofs/one-time-token/purpose.ts';
import { isResetFor } from '../../proofs/one-time-token/redeem.ts';
import { findLiveLink } from '../../proofs/one-time-token/store.ts';
import { undoPlanLimits } from '../../rate-limit/limits.ts';
import { findUserByEmail, findUserById } from '../../user/store.ts';
import { planUndo } from './plan.ts';

/** A mail's token as the page that its link opens may show it. */
export type MailedToken = {
  readonly purpose: Purpose;
  readonly email: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly undoes: readonly SecurityChange[];
  readonly stays: readonly SecurityChange[];
};

/**
 * Tells the holder of a mail's token what it is for, and of an undo what it takes away and leaves
 * (PR-12, rule 7). It reads and never spends: programs that open every link of a mail change nothing.
 *
 * A plan reads the whole ledger of the account, and whoever has an account can make that long, so so many
 * looks at it are counted. No other token is: the holder's own costs one row, and a made-up one none.
 *
 * @throws RateLimitedError, for a link that undoes something
 * @returns null for a token that is used, expired, voided or was never issued
 */
export async function readMailedToken(
  deps: Pick<Deps, 'db' | 'clock' | 'keyring' | 'config' | 'rateLimiter'>,
  token: string,
  from: { readonly client: Client; readonly signal: AbortSignal },
): Promise<MailedToken | null> {
  const now = deps.clock.now();
  const link = await findLiveLink(deps.db, { tokenHash: sha256(token), now });
  if (!link) return null;
  const { purpose, email, createdAt: requestedAt, expiresAt, ipAddress, userAgent } = link;
  const told = { purpose, email, requestedAt, expiresAt, ipAddress, userAgent };
  if (purpose === 'reset-password') {
    const user = await findUserByEmail(deps.db, email);
    if (!user || !isResetFor(user, link)) return null;
  }
  if (!TAKE_BACK.some((one) => one === purpose)) return { ...told, undoes: [], stays: [] };
  const user = link.userId ? await findUserById(deps.db, link.userId) : null;
  if (!user) return null;
  const { undoes, stays } = await deps.rateLimiter.countAndRun(
    undoPlanLimits(deps.config, user.id),
    from,
    () => planUndo(deps, deps.db, { user, link }),
  );
  return { ...told, undoes, stays };
}
