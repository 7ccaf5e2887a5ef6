import type { Executor } from '../db/client.ts';
import type { Session } from '../db/tables/session.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { after } from '../kernel/duration.ts';
import { successorOf } from './refresh-token.ts';
import type { SessionGrant } from './signed-in.ts';
import { findLiveSession, renewSessionRow } from './store.ts';

/** What a renewal may say anew about its session. */
export type Renewal = Partial<Pick<Session, 'authenticatedAt' | 'secondFactorAt' | 'methods'>>;

const TRIES = 5;

/**
 * Rotates a session for the person it belongs to, without its refresh token at hand, and writes
 * down what was just proven. The successor follows from the stored hash, so another tab that
 * presents the token of a moment ago is answered with the same one (RR-5).
 *
 * @returns null when the session ended meanwhile
 */
export async function renewSession(
  deps: Pick<Deps, 'clock' | 'keyring' | 'config'>,
  executor: Executor,
  viewer: Authentication,
  renewal: Renewal,
): Promise<SessionGrant | null> {
  const wanted = { sessionId: viewer.session.id, userId: viewer.user.id };
  let { session } = viewer;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const now = deps.clock.now();
    const refreshToken = successorOf(deps.keyring, session, session.refreshHash);
    const renewed = await renewSessionRow(executor, {
      ...wanted,
      current: session.refreshHash,
      successor: refreshToken.hash,
      now,
      isDatabaseTime: deps.clock.isOfDatabase ?? false,
      expiresAt: after(now, deps.config.session.refreshLifetime),
      renewal,
    });
    if (renewed) return { session: renewed, user: viewer.user, refreshToken };
    // Another tab rotated between the reading and the writing: go on from where it left off.
    const reread = await findLiveSession(executor, { ...wanted, now });
    if (!reread) return null;
    session = reread.session;
  }
  return null;
}
