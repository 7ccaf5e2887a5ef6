import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { findLiveSession } from './store.ts';

const SCHEME = 'Bearer ';
const BEARER = /^Bearer [\x21-\x7e]+$/i;

/**
 * Reads who is asking from an Authorization header (RFC 6750 2.1). The token's signature says
 * that the session once began; its row says whether it still lives (TK-9).
 *
 * @returns null for a missing, malformed or dead token (TK-8)
 */
export async function authenticate(
  deps: Pick<Deps, 'db' | 'clock' | 'accessTokenVerifier'>,
  authorization: string | null,
): Promise<Authentication | null> {
  if (authorization === null || !BEARER.test(authorization)) return null;
  const holder = deps.accessTokenVerifier.verify(authorization.slice(SCHEME.length));
  if (!holder) return null;
  return await findLiveSession(deps.db, {
    sessionId: holder.sessionId,
    userId: holder.userId,
    now: deps.clock.now(),
  });
}
