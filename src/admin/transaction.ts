import { type Caller, personOf, requireAllOf, requirePermission } from '../administrator/caller.ts';
import { findToken, lockLiveTokenForShare } from '../administrator/token-store.ts';
import { type Executor, run } from '../db/executor.ts';
import type { Role } from '../db/tables/role.ts';
import type { User } from '../db/tables/user.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import type { Act } from '../kernel/act.ts';
import { NotAuthenticatedError, NotFoundError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import type { Client } from '../kernel/ports.ts';
import { type AdminPermission, permissionsOf } from '../role/permissions.ts';
import { insertRole, lockRoles, rolesOfUser } from '../role/store.ts';
import { lockLiveSessionForUpdate } from '../session/store.ts';
import { lockUserForShare, lockUserForUpdate } from '../user/store.ts';
import { actorOf, machineOf, principalOf } from './caller.ts';

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
 * Every transaction locks roles in the order of their names, then people, then sessions and tokens. The caller's roles
 * are locked as well, so that a permission that is taken from a role counts for every act that commits later.
 *
 * @param request.roles the names of roles that the act gives, which are locked before the caller
 * @throws NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export function adminTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest & { readonly roles?: readonly string[] },
  work: (tx: Executor, acting: Acting) => Promise<T>,
): Promise<T> {
  return transaction(deps.db, async (tx) => {
    await lockRolesForShare(tx, request, request.roles);
    return await work(tx, await lockCaller(deps, tx, request));
  });
}

/**
 * The same for a change of a role, which then locks the holders of the role in the order of their ids. The caller's own
 * roles are locked as strictly as the changed one: of two callers, each of whom holds the role that the other changes,
 * one waits here, before either has locked a person.
 *
 * @param request.isMade true to make the role if there is none of that name
 * @throws NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export function roleTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest & { readonly role: string; readonly isMade: boolean },
  work: (tx: Executor, acting: Acting & { readonly before: Role | null }) => Promise<T>,
): Promise<T> {
  const { role, isMade } = request;
  return transaction(deps.db, async (tx) => {
    if (isMade) await run(tx, insertRole({ name: role, now: deps.clock.now() }));
    const locked = await run(
      tx,
      lockRoles({ heldBy: principal(request), names: [role], for: 'update' }),
    );
    const before = locked.find(({ name }) => name === role) ?? null;
    return await work(tx, { ...(await lockCaller(deps, tx, request)), before });
  });
}

async function lockRolesForShare(
  tx: Executor,
  request: AdminRequest,
  names: readonly string[] = [],
): Promise<void> {
  const heldBy = principal(request);
  if (heldBy.length + names.length > 0) await run(tx, lockRoles({ heldBy, names, for: 'share' }));
}

/** The person whose roles decide what the caller may do, if there is one. */
function principal({ caller }: AdminRequest): readonly string[] {
  const id = principalOf(caller);
  return id === null ? [] : [id];
}

/**
 * The same for an act on a person, who is locked as well. Both are locked in the order of their ids, so that two
 * administrators who act on each other do not wait for each other forever.
 *
 * @param request.roles the names of roles that the act gives, which are locked before the people
 * @throws NotFoundError if there is no such person; MissingPermissionError if the person has a permission that the caller
 *   lacks (AD-3); NotAuthenticatedError, StepUpRequiredError
 */
export function subjectTransaction<T>(
  deps: NeededDeps,
  request: AdminRequest & { readonly userId: string; readonly roles?: readonly string[] },
  work: (tx: Executor, acting: Acting & { readonly subject: User }) => Promise<T>,
): Promise<T> {
  const { userId, caller, roles = [] } = request;
  return transaction(deps.db, async (tx) => {
    await lockRolesForShare(tx, request, roles);
    const principalId = principalOf(caller);
    // A creator who is the subject is locked as the subject: the weaker lock of a token's creator would have to wait.
    const isSubjectFirst =
      principalId === null ||
      userId < principalId ||
      (caller.kind === 'TOKEN' && userId === principalId);
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
  if (caller.kind === 'COMMAND_LINE') return caller;
  if (caller.kind === 'TOKEN') {
    // The creator's lock comes before the token's: people before tokens.
    if (caller.creatorId !== null) await run(tx, lockUserForShare(caller.creatorId));
    const token = await run(tx, lockLiveTokenForShare({ id: caller.id, now }));
    const current = token && (await run(tx, findToken(token.id)));
    if (!current) throw new NotAuthenticatedError();
    return machineOf(current);
  }
  const { user, session } = caller.viewer;
  const live = await run(
    tx,
    lockLiveSessionForUpdate({ sessionId: session.id, userId: user.id, now }),
  );
  if (!live) throw new NotAuthenticatedError();
  return await personOf({ clock }, tx, live);
}
