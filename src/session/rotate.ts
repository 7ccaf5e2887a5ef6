import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { InvalidTokenError, RateLimitedError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import { equal } from '../kernel/secret.ts';
import { enqueueMail } from '../mail/enqueue.ts';
import { RULES } from '../rate-limit/rules.ts';
import { findUserById } from '../user/store.ts';
import type { SessionGrant } from './create.ts';
import { isInForce } from './impersonation.ts';
import {
  derivationOf,
  parseRefreshToken,
  type RefreshToken,
  stepsAhead,
  successors,
} from './refresh-token.ts';
import {
  advanceSession,
  type RotatedSession,
  type Rotation,
  rotateSession,
} from './rotate-store.ts';
import { findSession, lockSessionForUpdate, revokeSession } from './store.ts';

type RotateDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox' | 'meter'>;

/**
 * Exchanges a refresh token for its successor (docs/requirements.md, section 0). A valid token costs one
 * statement and one commit. Within the replay window, the previous token gets the same successor again.
 * After the window, the previous token proves reuse: the session ends, and that is committed before the
 * error is thrown.
 *
 * @throws InvalidTokenError if the token is forged, expired or spent, or if its session has ended;
 *   RateLimitedError if the session exchanged too many tokens within the hour (RL-14)
 */
export async function rotateRefreshToken(
  deps: RotateDeps,
  input: { readonly refreshToken: string; readonly client: Client },
): Promise<SessionGrant> {
  const presented = parseRefreshToken(deps.keyring, input.refreshToken);
  if (!presented) throw new InvalidTokenError();
  const { sessionId, hash } = presented;
  const now = deps.clock.now();
  const rotation: Rotation = {
    sessionId,
    presented: hash,
    derivation: derivationOf(deps.keyring, sessionId, hash),
    now,
    isDatabaseTime: deps.clock.isOfDatabase ?? false,
    expiresAt: after(now, deps.config.session.refreshLifetime),
    replayableSince: after(now, -deps.config.session.replayWindow),
  };
  const row =
    (await run(deps.db, rotateSession(rotation))) ??
    (await adoptOrEnd(deps, rotation, input.client));
  if (!row || !(await isInForce(deps, row))) throw new InvalidTokenError();
  const isCurrent = (token: RefreshToken) => equal(token.hash, row.session.refreshHash);
  const refreshToken = successors(deps.keyring, row.session, hash).find(isCurrent);
  // The root secret that derived the successor was removed within the window: it cannot be derived again.
  if (!refreshToken) throw new InvalidTokenError();
  const { session, user, roles } = row;
  return { session, user, refreshToken, roles: () => roles };
}

/**
 * Handles a token that this server issued and that the live session does not know. If the token is newer than
 * the database, a failover or a restore has lost commits, and the session continues with the token (RR-15).
 * If the token is older, somebody has a copy of it, and the session ends (RR-7).
 *
 * The decision is made while the session's row is locked. If many callers present the same token, the first
 * adopts it and the others get the same successor. The decision is committed before the caller throws.
 *
 * @returns null if the token is rejected
 */
async function adoptOrEnd(
  deps: RotateDeps,
  rotation: Rotation,
  client: Client,
): Promise<RotatedSession | null> {
  const { sessionId, now } = rotation;
  const seen = await run(deps.db, findSession(sessionId));
  // Most rejected tokens belong to sessions that have ended. Those need no lock.
  if (!seen || seen.revokedAt || seen.expiresAt <= now) return null;
  if (knows(seen, rotation)) requireRefreshesLeft(seen, now);
  const { row, event } = await transaction(deps.db, async (tx): Promise<Decision> => {
    const session = await run(tx, lockSessionForUpdate({ sessionId, now }));
    if (!session) return REFUSED;
    if (knows(session, rotation))
      return { row: await run(tx, rotateSession(rotation)), event: null };
    const steps = stepsAhead(deps.keyring, session, rotation.presented);
    if (steps === null) {
      return (await endReused(deps, tx, session, client)) ? REUSED : REFUSED;
    }
    requireRefreshesLeft(session, now);
    const adopted = await adopt(deps, tx, rotation, { steps, client });
    return adopted ? { row: adopted, event: 'refreshAdoptions' } : REFUSED;
  });
  if (event) deps.meter.count(event, null);
  // The end of a session has enqueued a mail.
  if (!row) deps.outbox.wake();
  return row;
}

/** The session's new row, or null if the token is rejected; and the counter to increase for the operator. */
type Decision = {
  readonly row: RotatedSession | null;
  readonly event: 'refreshReuses' | 'refreshAdoptions' | null;
};

const REFUSED: Decision = { row: null, event: null };
const REUSED: Decision = { row: null, event: 'refreshReuses' };

/** True for the session's current token, and for the previous one within the replay window. */
function knows(session: Session, { presented, replayableSince }: Rotation): boolean {
  const { refreshHash, previousRefreshHash, rotatedAt } = session;
  if (equal(refreshHash, presented)) return true;
  const isPrevious = previousRefreshHash !== null && equal(previousRefreshHash, presented);
  return isPrevious && rotatedAt > replayableSince;
}

/** Repeats the rotations that the database lost, and exchanges the token like any other. */
async function adopt(
  deps: RotateDeps,
  tx: Executor,
  rotation: Rotation,
  { steps, client }: { readonly steps: number; readonly client: Client },
): Promise<RotatedSession | null> {
  await run(tx, advanceSession(rotation));
  const row = await run(tx, rotateSession(rotation));
  // The person's credentials changed or the account was disabled, and the session ended with that.
  if (!row) return null;
  await run(
    tx,
    recordAudit(deps, {
      type: 'REFRESH_TOKEN_ADOPTED',
      userId: row.user.id,
      sessionId: row.session.id,
      client,
      detail: { steps },
    }),
  );
  return row;
}

/**
 * Ends this session and no other, and notifies the person (RR-7).
 *
 * @returns false if another request has ended the session meanwhile
 */
async function endReused(
  deps: RotateDeps,
  tx: Executor,
  session: Session,
  client: Client,
): Promise<boolean> {
  const now = deps.clock.now();
  const revoked = await run(
    tx,
    revokeSession({
      sessionId: session.id,
      userId: session.userId,
      now,
      because: 'refresh-token-reused',
    }),
  );
  if (revoked === 0) return false;
  await run(
    tx,
    recordAudit(deps, {
      type: 'REFRESH_TOKEN_REUSED',
      userId: session.userId,
      actorId: null,
      sessionId: session.id,
      client,
    }),
  );
  // The token was an administrator's. The person has no device to look at.
  if (session.impersonatorId !== null) return true;
  const user = await run(tx, findUserById(session.userId));
  if (!user) return true;
  await run(
    tx,
    enqueueMail(deps, {
      to: user.email,
      message: { template: 'sessions-ended-by-reuse', at: now, from: client },
    }),
  );
  return true;
}

function requireRefreshesLeft({ refreshes, refreshesResetAt }: Session, now: Date): void {
  if (refreshes < RULES.refreshes.allowance || !refreshesResetAt || refreshesResetAt <= now) return;
  const wait = refreshesResetAt.getTime() - now.getTime();
  throw new RateLimitedError(Math.max(1, Math.ceil(wait / SECOND)));
}
