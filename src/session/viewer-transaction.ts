import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import { enrolledSecondFactors } from '../proofs/second-factor/enrolled.ts';
import { requireOwnSession } from './impersonation.ts';
import { requireUnrestricted } from './restriction.ts';
import { requireFreshProof } from './step-up.ts';
import { lockLiveSessionForUpdate } from './store.ts';

/**
 * The requirement of an operation on the session. The names are those of the authorization scopes
 * (graphql/builder.ts). An operation names the scope of its own field.
 */
export type Requirement = 'signedIn' | 'stepUp' | 'enroll' | 'enrollStepUp' | 'signOut';

type ViewerDeps = Pick<Deps, 'clock' | 'config'>;

/**
 * Runs the transaction of a signed-in operation. It locks the person and the session first and then
 * checks both again. The field's guard ran earlier and outside the transaction, and a sign-out or a
 * password reset may have committed since. Whichever commits first wins, and the other writes nothing
 * (RR-4, SE-9).
 *
 * @param work receives the person and the session as they are under the lock. Use these and not
 *   `viewer`, which was read earlier.
 * @throws NotAuthenticatedError, MfaEnrollmentRequiredError, StepUpRequiredError, ImpersonatedSessionError
 */
export function viewerTransaction<T>(
  deps: ViewerDeps & Pick<Deps, 'db'>,
  viewer: Authentication,
  requirement: Requirement,
  work: (tx: Executor, current: Authentication) => Promise<T>,
): Promise<T> {
  return transaction(deps.db, async (tx) =>
    work(tx, await lockViewer(deps, tx, viewer, requirement)),
  );
}

/**
 * Takes the lock alone, for a transaction that needs another lock before the person's.
 *
 * @throws NotAuthenticatedError, MfaEnrollmentRequiredError, StepUpRequiredError, ImpersonatedSessionError
 */
export async function lockViewer(
  { clock, config }: ViewerDeps,
  tx: Executor,
  viewer: Authentication,
  requirement: Requirement,
): Promise<Authentication> {
  const userId = viewer.user.id;
  const needsProof = requirement === 'stepUp' || requirement === 'enrollStepUp';
  // Sent together: the second statement runs after the first one has the lock.
  const [current, factors] = await Promise.all([
    run(tx, lockLiveSessionForUpdate({ sessionId: viewer.session.id, userId, now: clock.now() })),
    needsProof ? run(tx, enrolledSecondFactors(userId)) : null,
  ]);
  if (!current) throw new NotAuthenticatedError();
  if (requirement === 'signedIn' || requirement === 'stepUp') {
    requireUnrestricted(config, current.session);
  }
  if (factors) requireFreshProof({ clock, config }, current, factors);
  if (requirement !== 'signOut') requireOwnSession(current.session);
  return current;
}
