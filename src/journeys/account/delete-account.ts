import { eraseAccount } from '../../account/erase.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

export type AccountDeleted = Outcome<'AccountDeleted'> & { readonly at: Date };

/**
 * Deletes the person's own account and all personal data in one transaction (DR-5).
 *
 * @throws NotAuthenticatedError, MfaEnrollmentRequiredError, StepUpRequiredError
 */
export async function deleteAccount(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  viewer: Authentication,
): Promise<AccountDeleted> {
  const at = await viewerTransaction(deps, viewer, 'stepUp', async (tx, { user }) =>
    eraseAccount(deps, tx, user),
  );
  deps.outbox.wake();
  return { kind: 'AccountDeleted', at };
}
