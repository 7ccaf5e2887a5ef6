import type { Executor } from '../db/client.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import { lockUser } from '../user/store.ts';
import { findLiveSession } from './store.ts';

/**
 * Locks the person who asks, and reads them and their session again under that lock: of a reset
 * and an act of the session it ends, the one that commits first wins (RR-4).
 *
 * @throws NotAuthenticatedError when the session ended meanwhile
 */
export async function lockViewer(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  viewer: Authentication,
): Promise<Authentication> {
  const userId = viewer.user.id;
  await lockUser(tx, userId);
  const wanted = { sessionId: viewer.session.id, userId, now: deps.clock.now() };
  const current = await findLiveSession(tx, wanted);
  if (!current) throw new NotAuthenticatedError();
  return current;
}
