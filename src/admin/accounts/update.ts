import { isDeepStrictEqual } from 'node:util';
import { fitsInToken } from '../../access-token/custom-claims.ts';
import { recordAudit } from '../../audit/record.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { ConflictError, InvalidInputError } from '../../kernel/errors.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { raiseClaimsVersion, rolesOfUser } from '../../role/store.ts';
import { type AccountChange, updateAccount } from '../../user/store.ts';
import { type AccountDeps, type AccountRequest, onAccount } from './subject.ts';

/** The account has the wanted values. */
export type UserUpdated = Outcome<'UserUpdated'> & { readonly user: User };

/**
 * Changes the profile, the attributes and the external id of a person. Null removes a value, and undefined leaves it
 * unchanged. Nothing is written if everything is as wanted. A change of the attributes raises the claims version: the
 * sessions go on, and their next access tokens say what the attributes say (CL-4).
 *
 * @throws NotFoundError; ConflictError if another account has the external id; InvalidInputError if the claims would
 *   exceed CLAIMS_MAX_BYTES (CL-3); MissingPermissionError, NotAuthenticatedError, StepUpRequiredError
 */
export async function updateUser(
  deps: AccountDeps,
  request: AccountRequest,
  wanted: AccountChange,
): Promise<UserUpdated> {
  return await onAccount(deps, request, async (acting, tx, person) => {
    const change = changed(person, wanted);
    const names = Object.keys(change);
    if (names.length === 0) return { kind: 'UserUpdated', user: person };
    const user = await write(acting, tx, person, change);
    if (change.attributes) {
      await requireFit(acting, tx, user);
      await run(tx, raiseClaimsVersion(user.id));
    }
    const detail = { changed: names.join(' ') };
    const event = { type: 'ACCOUNT_UPDATED', userId: user.id, client: null, detail } as const;
    await run(tx, recordAudit(acting, event));
    return { kind: 'UserUpdated', user };
  });
}

/** The values that differ from those of the person. */
function changed(person: User, wanted: AccountChange): AccountChange {
  const differs = ([name, value]: readonly [string, unknown]) =>
    value !== undefined && !isDeepStrictEqual(value, person[name as keyof AccountChange]);
  return Object.fromEntries(Object.entries(wanted).filter(differs));
}

/** Taking every attribute away always succeeds, also after CLAIMS_MAX_BYTES was lowered. */
async function requireFit({ config }: Pick<Deps, 'config'>, tx: Executor, user: User) {
  if (Object.keys(user.attributes).length === 0) return;
  const roles = namesAndPermissions(await run(tx, rolesOfUser(user.id)));
  if (fitsInToken(config, { user, roles })) return;
  throw new InvalidInputError([
    {
      path: ['input', 'attributes'],
      message:
        'With these attributes, the access tokens of the person would exceed CLAIMS_MAX_BYTES.',
    },
  ]);
}

/** The constraint decides whether the external id is free (DR-4). */
async function write(
  { clock }: Pick<Deps, 'clock'>,
  tx: Executor,
  person: User,
  change: AccountChange,
): Promise<User> {
  try {
    const written = updateAccount({ ...change, userId: person.id, now: clock.now() });
    return (await run(tx, written)) ?? person;
  } catch (error) {
    if (isUniqueViolation(error, 'users_external_id_unique')) throw new ConflictError();
    throw error;
  }
}
