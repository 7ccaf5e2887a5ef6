import type { Executor } from '../db/client.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import { newId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { mintRefreshToken } from './refresh-token.ts';
import type { SessionGrant } from './signed-in.ts';
import { evictSessions, insertSession } from './store.ts';

/** Live sessions a person may have at once; one more ends the oldest (SE-5). */
const MAX_SESSIONS = 50;

/**
 * Starts a session in the caller's transaction, with an id and a refresh token of its own (SE-1).
 *
 * @param input.methods what was proven, as `amr` values
 * @param input.secondFactor true when a second factor was among them
 * @returns null when the person's credentials changed since they were checked, or the account is
 *   disabled: the proof is then worthless
 */
export async function startSession(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  input: {
    readonly user: User;
    readonly methods: readonly string[];
    readonly secondFactor: boolean;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const now = deps.clock.now();
  const { refreshLifetime, maxAge } = deps.config.session;
  const id = newId(deps);
  const refreshToken = mintRefreshToken(deps, id);
  const absoluteExpiresAt = after(now, maxAge);
  const session: Session = {
    id,
    userId: input.user.id,
    refreshHash: refreshToken.hash,
    previousRefreshHash: null,
    rotatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: after(now, Math.min(refreshLifetime, maxAge)),
    absoluteExpiresAt,
    authenticatedAt: now,
    secondFactorAt: input.secondFactor ? now : null,
    methods: [...input.methods],
    credentialVersion: input.user.credentialVersion,
    revokedAt: null,
    revokedBecause: null,
    ipAddress: input.client.ipAddress,
    userAgent: input.client.userAgent,
  };
  // One after the other on the connection, but sent together. Without the new session the eviction
  // finds nothing to end: there were never more than may be.
  const [inserted] = await Promise.all([
    insertSession(executor, session),
    evictSessions(executor, { userId: input.user.id, keep: MAX_SESSIONS, now }),
  ]);
  return inserted ? { session, user: input.user, refreshToken } : null;
}
