import { fitsInToken } from '../../access-token/custom-claims.ts';
import { requireAllOf } from '../../administrator/caller.ts';
import { recordAudit } from '../../audit/record.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Act } from '../../kernel/act.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../kernel/errors.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { permissionsOf } from '../../role/permissions.ts';
import {
  deleteUserRoles,
  findRoles,
  insertUserRoles,
  raiseClaimsVersion,
  rolesOfUser,
} from '../../role/store.ts';
import { type AdminRequest, subjectTransaction } from '../transaction.ts';

const TOO_LARGE =
  'With these roles, the access tokens of the person would exceed CLAIMS_MAX_BYTES.';

/** The input named more roles than an access token can carry. Its message is for an operator; the API names the input. */
class TooLargeClaimsError extends InvalidInputError {
  constructor() {
    super([{ path: ['input', 'roles'], message: TOO_LARGE }]);
    this.message = TOO_LARGE;
  }
}

/** The person holds exactly the wanted roles. */
export type RolesSet = Outcome<'RolesSet'> & { readonly user: User };

/**
 * Replaces the roles of a person, if the person still holds the roles that the caller expects: of two administrators who
 * read the same roles, the second gets a ConflictError instead of undoing what the first did.
 *
 * @throws ConflictError; NotFoundError for an unknown person or role; MissingPermissionError if a role that the person holds or
 *   gets carries a permission that the caller lacks (AD-3); InvalidInputError if the claims would exceed
 *   CLAIMS_MAX_BYTES (CL-3); NotAuthenticatedError, StepUpRequiredError
 */
export async function setRoles(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  input: {
    readonly userId: string;
    readonly roles: readonly string[];
    readonly expected: readonly string[];
  },
): Promise<RolesSet> {
  const { userId, roles, expected } = input;
  return await subjectTransaction(deps, { ...request, userId, roles }, async (tx, acting) => {
    const wanted = await run(tx, findRoles(roles));
    if (wanted.length !== roles.length) throw new NotFoundError();
    requireAllOf(acting.caller, permissionsOf(wanted));
    const held = new Set((await run(tx, rolesOfUser(userId))).map(({ name }) => name));
    if (held.symmetricDifference(new Set(expected)).size > 0) throw new ConflictError();
    const change = {
      added: roles.filter((name) => !held.has(name)),
      removed: [...held].filter((name) => !roles.includes(name)),
    };
    await changeRoles({ ...deps, act: acting.act }, tx, acting.subject, change);
    return { kind: 'RolesSet', user: acting.subject };
  });
}

/**
 * Gives and takes roles of a locked person, with the event that the person sees. Writes nothing for no change.
 *
 * @throws TooLargeClaimsError if a role is given and the person's access tokens would exceed CLAIMS_MAX_BYTES: it is
 *   refused here, so that no sign-in fails because of it (CL-3). Taking a role away always succeeds
 */
export async function changeRoles(
  deps: Pick<Deps, 'clock' | 'random' | 'config'> & { readonly act: Act },
  tx: Executor,
  user: User,
  { added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] },
): Promise<void> {
  if (added.length > 0) await run(tx, insertUserRoles(user, added, deps.clock.now()));
  if (removed.length > 0) await run(tx, deleteUserRoles(user.id, removed));
  if (added.length === 0 && removed.length === 0) return;
  if (added.length > 0) {
    const roles = namesAndPermissions(await run(tx, rolesOfUser(user.id)));
    if (!fitsInToken(deps.config, { user, roles })) throw new TooLargeClaimsError();
  }
  await run(tx, raiseClaimsVersion(user.id));
  const detail = {
    ...(added.length > 0 && { added: added.join(' ') }),
    ...(removed.length > 0 && { removed: removed.join(' ') }),
  };
  const event = { type: 'ROLES_CHANGED', userId: user.id, client: null, detail } as const;
  await run(tx, recordAudit(deps, event));
}
