import { eraseAccount } from '../../account/erase.ts';
import type { Outcome } from '../../graphql/result.ts';
import { type AccountDeps, type AccountRequest, onOtherAccount } from './subject.ts';

/** The account and all its personal data were deleted. */
export type UserDeleted = Outcome<'UserDeleted'> & { readonly at: Date };

/**
 * Deletes an account and all its personal data at once, as the person could (DR-5). The person gets a farewell mail.
 *
 * @throws NotFoundError; InvalidInputError for the caller's own account; MissingPermissionError, NotAuthenticatedError,
 *   StepUpRequiredError
 */
export async function deleteUser(deps: AccountDeps, request: AccountRequest): Promise<UserDeleted> {
  return await onOtherAccount(deps, request, async (acting, tx, person) => ({
    kind: 'UserDeleted',
    at: await eraseAccount(acting, tx, person),
  }));
}
