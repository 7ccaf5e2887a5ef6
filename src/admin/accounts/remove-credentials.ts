import { removeFactors } from '../../account/remove-factors.ts';
import { removePasskeyOf } from '../../account/remove-passkey.ts';
import { unlinkIdentityOf } from '../../account/unlink-identity.ts';
import { endEarlierAccess } from '../../credential-change/end-earlier-access.ts';
import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Outcome } from '../../graphql/result.ts';
import { bumpCredentialVersion } from '../../user/credential-store.ts';
import { type AccountDeps, type AccountRequest, onOtherAccount } from './subject.ts';

/** Every second factor was removed. */
export type SecondFactorsRemoved = Outcome<'SecondFactorsRemoved'> & { readonly user: User };

/** The passkey was removed. */
export type UserPasskeyRemoved = Outcome<'UserPasskeyRemoved'> & { readonly user: User };

/** The account at the provider was unlinked. */
export type UserIdentityUnlinked = Outcome<'UserIdentityUnlinked'> & { readonly user: User };

/**
 * Removes every second factor and the backup codes of a person who lost them, and ends every session. Nothing changes
 * for a person without a second factor. The mail has no link that undoes it, and neither has that of the two operations
 * below: whoever reads the mailbox may be the reason for the act (ADR-0018).
 *
 * @throws NotFoundError; InvalidInputError for the caller's own account; MissingPermissionError, NotAuthenticatedError,
 *   StepUpRequiredError
 */
export async function removeSecondFactors(
  deps: AccountDeps,
  request: AccountRequest,
): Promise<SecondFactorsRemoved> {
  return await onOtherAccount(deps, request, async (acting, tx, subject) => {
    const { person: user } = await removeFactors(acting, tx, subject);
    return { kind: 'SecondFactorsRemoved', user };
  });
}

/**
 * Removes a passkey of a person and ends every session.
 *
 * @throws NotFoundError, LastCredentialError; InvalidInputError for the caller's own account; MissingPermissionError,
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function removeUserPasskey(
  deps: AccountDeps,
  request: AccountRequest & { readonly passkeyId: string },
): Promise<UserPasskeyRemoved> {
  return await onOtherAccount(deps, request, async (acting, tx, person) => {
    await removePasskeyOf(acting, tx, { person, sessionId: null, client: null }, request.passkeyId);
    const userId = person.id;
    const user = await run(tx, bumpCredentialVersion({ userId, now: acting.clock.now() }));
    await endEarlierAccess(acting, tx, userId);
    return { kind: 'UserPasskeyRemoved', user: user ?? person };
  });
}

/**
 * Unlinks an account at a provider from a person, and ends every session that began with it (SE-10).
 *
 * @throws NotFoundError, LastCredentialError; InvalidInputError for the caller's own account; MissingPermissionError,
 *   NotAuthenticatedError, StepUpRequiredError
 */
export async function unlinkUserIdentity(
  deps: AccountDeps,
  request: AccountRequest & { readonly identityId: string },
): Promise<UserIdentityUnlinked> {
  return await onOtherAccount(deps, request, async (acting, tx, user) => {
    const by = { person: user, sessionId: null, client: null };
    await unlinkIdentityOf(acting, tx, by, request.identityId);
    return { kind: 'UserIdentityUnlinked', user };
  });
}
