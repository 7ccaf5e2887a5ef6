import { recordAudit } from '../audit/record.ts';
import type { Session } from '../db/tables/session.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { InvalidTokenError, RateLimitedError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import { equal } from '../kernel/secret.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { BUDGETS } from '../throttle/budgets.ts';
import { findUserById } from '../user/store.ts';
import { derivationOf, parseRefreshToken, type RefreshToken, successors } from './refresh-token.ts';
import type { SessionGrant } from './signed-in.ts';
import { findSession, revokeSession, rotateSession } from './store.ts';

/**
 * Exchanges a refresh token for its successor (docs/requirements.md, section 0): one statement and
 * one commit on the good path. Inside the replay window the token just spent yields the same
 * successor again; later it proves reuse and ends the session, committed before the refusal.
 *
 * @throws InvalidTokenError for a token that is forged, over, spent or whose session ended;
 *   RateLimitedError when the session exchanged too many within the hour (RL-14)
 */
export async function rotateRefreshToken(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  input: { readonly refreshToken: string; readonly client: Client },
): Promise<SessionGrant> {
  const presented = parseRefreshToken(deps.keyring, input.refreshToken);
  if (!presented) throw new InvalidTokenError();
  const { sessionId, hash } = presented;
  const now = deps.clock.now();
  const row = await rotateSession(deps.db, {
    sessionId,
    presented: hash,
    derivation: derivationOf(deps.keyring, sessionId, hash),
    now,
    isDatabaseTime: deps.clock.isOfDatabase ?? false,
    expiresAt: after(now, deps.config.session.refreshLifetime),
    replayableSince: after(now, -deps.config.session.replayWindow),
  });
  if (!row) {
    await revokeIfReused(deps, presented, input.client);
    throw new InvalidTokenError();
  }
  const isCurrent = (token: RefreshToken) => equal(token.hash, row.session.refreshHash);
  const refreshToken = successors(deps.keyring, row.session, hash).find(isCurrent);
  // The root secret that derived the successor was removed within the window: nothing to replay.
  if (!refreshToken) throw new InvalidTokenError();
  return { ...row, refreshToken };
}

/**
 * The token's tag says that this server issued it, so a live session that no longer knows it has
 * moved on: somebody holds a copy. Ends this session alone, leaves every other, and tells the
 * person (RR-7).
 */
async function revokeIfReused(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  presented: RefreshToken,
  client: Client,
): Promise<void> {
  const now = deps.clock.now();
  const session = await findSession(deps.db, presented.sessionId);
  if (!session || session.revokedAt || session.expiresAt <= now) return;
  const { refreshHash, previousRefreshHash, rotatedAt } = session;
  const isCurrent = equal(refreshHash, presented.hash);
  const replayable = rotatedAt > after(now, -deps.config.session.replayWindow);
  const isReplay = previousRefreshHash !== null && equal(previousRefreshHash, presented.hash);
  if (isCurrent || (replayable && isReplay)) {
    requireRefreshesLeft(session, now);
    return;
  }
  await transaction(deps.db, async (tx) => {
    const revoked = await revokeSession(tx, {
      sessionId: session.id,
      userId: session.userId,
      now,
      because: 'refresh-token-reused',
    });
    if (revoked === 0) return;
    await recordAudit(deps, tx, {
      type: 'REFRESH_TOKEN_REUSED',
      userId: session.userId,
      actorId: null,
      sessionId: session.id,
      client,
    });
    const user = await findUserById(tx, session.userId);
    if (!user) return;
    await enqueueMail(deps, tx, {
      to: user.email,
      message: { template: 'sessions-ended-by-reuse', at: now, from: client },
    });
  });
  deps.outbox.wake();
}

function requireRefreshesLeft({ refreshes, refreshesResetAt }: Session, now: Date): void {
  if (refreshes < BUDGETS.refreshes.tries || !refreshesResetAt || refreshesResetAt <= now) return;
  const wait = refreshesResetAt.getTime() - now.getTime();
  throw new RateLimitedError(Math.max(1, Math.ceil(wait / SECOND)));
}
