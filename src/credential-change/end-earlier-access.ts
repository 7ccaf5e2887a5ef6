import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import { BOUND_TO_CREDENTIALS } from '../proofs/one-time-token/purpose.ts';
import { endProofsOf } from '../proofs/one-time-token/store.ts';
import { keepAcrossCredentialChange, revokeSessions } from '../session/store.ts';
import { bumpCredentialVersion } from '../user/credential-store.ts';

const BECAUSE = 'credentials-changed';

type EndDeps = Pick<Deps, 'clock'>;

/** Where a person stands after a change of credentials: every other session has ended. */
export type AfterChange = {
  /** The session that made the change, under the new credential version. */
  readonly session: Session;
  /** How many other sessions ended. */
  readonly sessionsRevoked: number;
};

/**
 * Ends whatever was earned with a person's earlier credentials, in the transaction that changes them:
 * every session, and every mailed proof that is bound to them (SE-3, PW-10).
 *
 * @returns how many sessions ended
 */
export async function endEarlierAccess(
  { clock }: EndDeps,
  tx: Executor,
  userId: string,
): Promise<number> {
  const now = clock.now();
  await run(tx, endProofsOf({ userId, now, purposes: BOUND_TO_CREDENTIALS }));
  return await run(tx, revokeSessions({ userId, now, because: BECAUSE }));
}

/**
 * Does the same for a change that a session made: that session continues with the tokens that it has.
 *
 * @param changed the person with the new credential version; null if the account is deleted
 * @param by.renewal what the change proves or takes back on the session
 * @throws NotAuthenticatedError if the person or the session no longer exists
 */
export async function endOtherAccess(
  { clock }: EndDeps,
  tx: Executor,
  changed: User | null,
  by: {
    readonly sessionId: string;
    readonly renewal?: Partial<Pick<Session, 'secondFactorAt' | 'methods'>>;
  },
): Promise<AfterChange> {
  if (!changed) throw new NotAuthenticatedError();
  const { id: userId, credentialVersion } = changed;
  const { sessionId, renewal } = by;
  const now = clock.now();
  await run(tx, endProofsOf({ userId, now, purposes: BOUND_TO_CREDENTIALS }));
  const target = { sessionId, userId, now };
  const session = await run(
    tx,
    keepAcrossCredentialChange(target, { ...renewal, credentialVersion }),
  );
  if (!session) throw new NotAuthenticatedError();
  const others = { userId, exceptSessionId: sessionId, now, because: BECAUSE } as const;
  return { session, sessionsRevoked: await run(tx, revokeSessions(others)) };
}

/**
 * Completes a change of a person's passkeys or second factors: the new credential version ends every
 * challenge, every mailed proof that is bound to it, and every other session (TO-7, SE-3).
 *
 * @param renewal what the change proved or removed on this session
 * @throws NotAuthenticatedError if the person or the session no longer exists
 */
export async function credentialsChanged(
  deps: EndDeps,
  tx: Executor,
  { user, session }: Authentication,
  renewal: Partial<Pick<Session, 'secondFactorAt' | 'methods'>>,
): Promise<Authentication> {
  const now = deps.clock.now();
  const changed = await run(tx, bumpCredentialVersion({ userId: user.id, now }));
  const sessionId = session.id;
  const after = await endOtherAccess(deps, tx, changed, { sessionId, renewal });
  return { user: changed ?? user, session: after.session };
}
