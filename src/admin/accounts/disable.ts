import { disableAccount, enableAccount } from '../../account/disable.ts';
import type { User } from '../../db/tables/user.ts';
import type { Outcome } from '../../graphql/result.ts';
import { type AccountDeps, type AccountRequest, onAccount, onOtherAccount } from './subject.ts';

/** The account gives no access. */
export type UserDisabled = Outcome<'UserDisabled'> & {
  readonly user: User;
  readonly sessionsRevoked: number;
};

/** The account gives access again. */
export type UserEnabled = Outcome<'UserEnabled'> & { readonly user: User };

/**
 * Disables an account. If it is disabled already, nothing changes, not even the reason.
 *
 * @throws NotFoundError; InvalidInputError for the caller's own account; MissingPermissionError, NotAuthenticatedError,
 *   StepUpRequiredError
 */
export async function disableUser(
  deps: AccountDeps,
  request: AccountRequest,
): Promise<UserDisabled> {
  return await onOtherAccount(deps, request, async (acting, tx, person) => {
    const { person: user, sessionsEnded } = await disableAccount(acting, tx, person);
    return { kind: 'UserDisabled', user, sessionsRevoked: sessionsEnded };
  });
}

/**
 * Enables a disabled account. If it is enabled already, nothing changes.
 *
 * @throws NotFoundError, MissingPermissionError, NotAuthenticatedError, StepUpRequiredError
 */
export async function enableUser(deps: AccountDeps, request: AccountRequest): Promise<UserEnabled> {
  return await onAccount(deps, request, async (acting, tx, person) => {
    const { person: user } = await enableAccount(acting, tx, person);
    return { kind: 'UserEnabled', user };
  });
}
