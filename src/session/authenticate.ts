import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { isInForce } from './impersonation.ts';
import { findLiveSession } from './store.ts';

const SCHEME = 'Bearer ';
const BEARER = /^Bearer [\x21-\x7e]+$/i;

/**
 * Authenticates a request by its Authorization header (RFC 6750 2.1). The token's signature proves that
 * the session was created. The session's row decides whether the session is still live (TK-9).
 *
 * @returns null if the token is missing, malformed or expired, or if its session has ended (TK-8)
 */
export async function authenticate(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config' | 'accessTokenVerifier'>,
  authorization: string | null,
): Promise<Authentication | null> {
  if (authorization === null || !BEARER.test(authorization)) return null;
  const holder = deps.accessTokenVerifier.verify(authorization.slice(SCHEME.length));
  if (!holder) return null;
  const viewer = await run(
    deps.db,
    findLiveSession({
      sessionId: holder.sessionId,
      userId: holder.userId,
      now: deps.clock.now(),
    }),
  );
  return viewer && (await isInForce(deps, viewer)) ? viewer : null;
}
