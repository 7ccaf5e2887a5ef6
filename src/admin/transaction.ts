import { type Executor, run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import type { Act } from '../kernel/act.ts';
import { NotAuthenticatedError, NotFoundError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { type AdminPermission, isAdminPermission, permissionsOf } from '../role/permissions.ts';
import { insertRole, lockRolesOfUser, rolesOfUser } from '../role/store.ts';
import { lockLiveSessionForUpdate } from '../session/store.ts';
import { lockUserForUpdate } from '../user/store.ts';
import { actorOf, type Caller, personOf, requireAllOf, requirePermission } from './caller.ts';
import { lockLiveTokenForShare } from './tokens/store.ts';

/** The caller and the permission that the operation requires: the permission of its field. */
export type AdminRequest = {
  readonly caller: Caller;
  readonly permission: AdminPermission;
  readonly client: Client;
  /** Why, in the caller's own words. */
  readonly reason?: string;
};

type NeededDeps = Pick<Deps, 'db' | 'clock' | 'config'>;

/** The caller as the lock found them, and what the audit log says about the act (AD-6). */
export type Acting = { readonly caller: Caller; readonly act: Act };

/**
 * Runs the transaction of an administrators' operation. It locks the caller first and checks the permission again: the
 * field's guard ran earlier and outside the transaction, and the role may have been taken or the token revoked since
 * (SE-9). Whichever commits first wins.
 *
 * @throws NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export function adminTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest,
  work: (tx: Executor, acting: Acting) => Promise<T>,
): Promise<T> {
  return transaction(deps.db, async (tx) => {
    await lockRolesOfCaller(tx, request);
    return await work(tx, await lockCaller(deps, tx, request));
  });
}

/**
 * The same for a change of a role. The role is locked for the change before the caller: two callers who hold it would
 * otherwise each wait for the other.
 *
 * @param request.isMade true to make the role if there is none of that name
 * @throws NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export function roleTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest & { readonly role: string; readonly isMade: boolean },
  work: (tx: Executor, acting: Acting) => Promise<T>,
): Promise<T> {
  const { role, isMade } = request;
  return transaction(deps.db, async (tx) => {
    if (isMade) await run(tx, insertRole({ name: role, now: deps.clock.now() }));
    await lockRolesOfCaller(tx, request, role);
    return await work(tx, await lockCaller(deps, tx, request));
  });
}

/**
 * Locks the roles of a person who calls: a permission that is taken from a role counts for every act that commits
 * later (SE-9). Roles come before people, as in a change of a role, which writes to the rows of its holders.
 */
async function lockRolesOfCaller(
  tx: Executor,
  { caller }: AdminRequest,
  changed?: string,
): Promise<void> {
  if (caller.kind === 'PERSON') await run(tx, lockRolesOfUser(caller.id, changed));
}

/**
 * The same for an act on a person, who is locked as well. Both are locked in the order of their ids, so that two
 * administrators who act on each other do not wait for each other forever.
 *
 * @throws NotFoundError if there is no such person; MissingPermissionError if the person has a permission that the caller
 *   lacks (AD-3); NotAuthenticatedError, StepUpRequiredError
 */
export function subjectTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest & { readonly userId: string },
  work: (tx: Executor, acting: Acting & { readonly subject: User }) => Promise<T>,
): Promise<T> {
  const { userId, caller } = request;
  return transaction(deps.db, async (tx) => {
    await lockRolesOfCaller(tx, request);
    const isSubjectFirst = caller.kind === 'TOKEN' || userId < caller.id;
    const first = isSubjectFirst ? await lockSubject(tx, userId) : null;
    const acting = await lockCaller(deps, tx, request);
    const subject = first ?? (await lockSubject(tx, userId));
    if (!subject) throw new NotFoundError();
    requireAllOf(acting.caller, permissionsOf(await run(tx, rolesOfUser(subject.id))));
    return await work(tx, { ...acting, subject });
  });
}

async function lockSubject(tx: Executor, userId: string): Promise<User | null> {
  return isId(userId) ? await run(tx, lockUserForUpdate(userId)) : null;
}

async function lockCaller(
  deps: NeededDeps,
  tx: Executor,
  { caller, permission, client, reason }: AdminRequest,
): Promise<Acting> {
  const current = await currentCaller(deps, tx, caller);
  requirePermission(deps, current, permission, 'write');
  const act: Act = { actor: actorOf(current), client, ...(reason !== undefined && { reason }) };
  return { caller: current, act };
}

async function currentCaller(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  caller: Caller,
): Promise<Caller> {
  const now = clock.now();
  if (caller.kind === 'TOKEN') {
    const token = await run(tx, lockLiveTokenForShare({ id: caller.id, now }));
    if (!token) throw new NotAuthenticatedError();
    return { ...caller, permissions: new Set(token.permissions.filter(isAdminPermission)) };
  }
  const { user, session } = caller.viewer;
  const live = await run(
    tx,
    lockLiveSessionForUpdate({ sessionId: session.id, userId: user.id, now }),
  );
  if (!live) throw new NotAuthenticatedError();
  return await personOf(tx, live);
}
