import type { Executor } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { HOUR, SECOND } from '../kernel/duration.ts';
import {
  MissingPermissionError,
  NotAuthenticatedError,
  StepUpRequiredError,
} from '../kernel/errors.ts';
import type { AdminPermission } from '../role/permissions.ts';
import { permissionsOfPerson } from './person.ts';

/**
 * The caller of the administrators' API: a machine with an admin token, a signed-in person, or, never over HTTP, an operator
 * with a command (cli/administration.ts). An operator has the password of the database, so no permission holds them back.
 */
export type Caller = {
  /** The token's name, the person's address, or what the operator calls themselves. */
  readonly name: string;
  /** Read from the database for this request, never from the token (AD-5). */
  readonly permissions: ReadonlySet<AdminPermission>;
} & (
  | { readonly kind: 'TOKEN'; readonly id: string; readonly creatorId: string | null }
  | { readonly kind: 'PERSON'; readonly id: string; readonly viewer: Authentication }
  | { readonly kind: 'COMMAND_LINE'; readonly id: string }
);

/** Whether the caller reads or writes; writing needs a fresher second factor. */
export type Access = 'read' | 'write';

/** The greatest age of the second factor of a person who reads (AD-5). */
const READ_MAX_AGE = 12 * HOUR;

/**
 * A person with the permissions that their roles carry now; none for an administrator who acts as the person: the roles
 * are the person's (IM-1).
 */
export async function personOf(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  viewer: Authentication,
): Promise<Caller> {
  const { user, session } = viewer;
  const isThemselves = session.impersonatorId === null;
  const permissions: ReadonlySet<AdminPermission> = isThemselves
    ? await permissionsOfPerson(deps, executor, user)
    : new Set();
  return { kind: 'PERSON', id: user.id, name: user.email, permissions, viewer };
}

/**
 * Requires that the caller may do something. A person's session must also have proven a second factor: at most 12
 * hours ago to read, at most STEP_UP_MAX_AGE ago to write (AD-5).
 *
 * @throws NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export function requirePermission(
  deps: Pick<Deps, 'clock' | 'config'>,
  caller: Caller | null,
  permission: AdminPermission,
  access: Access,
): asserts caller is Caller {
  if (!caller) throw new NotAuthenticatedError();
  if (!caller.permissions.has(permission)) throw new MissingPermissionError(permission);
  if (caller.kind === 'PERSON') requireFreshFactor(deps, caller.viewer.session, access);
}

function requireFreshFactor(
  { clock, config }: Pick<Deps, 'clock' | 'config'>,
  { secondFactorAt }: Pick<Session, 'secondFactorAt'>,
  access: Access,
): void {
  const maxAge = access === 'read' ? READ_MAX_AGE : config.stepUpMaxAge;
  if (secondFactorAt && clock.now().getTime() - secondFactorAt.getTime() <= maxAge) return;
  throw new StepUpRequiredError(maxAge / SECOND, []);
}

/**
 * Requires that the caller has every one of these permissions. Nobody gives away a permission that they lack, and
 * nobody acts on somebody who has such a permission (AD-3).
 *
 * @throws MissingPermissionError that names the first permission that the caller lacks
 */
export function requireAllOf(caller: Caller, permissions: Iterable<AdminPermission>): void {
  for (const permission of permissions) {
    if (!caller.permissions.has(permission)) throw new MissingPermissionError(permission);
  }
}
