import { unlinkIdentityOf } from '../../account/unlink-identity.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** The account at the provider was unlinked. */
export type IdentityUnlinked = Outcome<'IdentityUnlinked'> & { readonly viewer: Authentication };

/**
 * Unlinks an account at a provider from the person, with the rules of {@link unlinkIdentityOf}. An undo can restore it.
 *
 * @throws NotFoundError, LastCredentialError; NotAuthenticatedError, MfaEnrollmentRequiredError,
 *   StepUpRequiredError
 */
export async function unlinkIdentity(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  viewer: Authentication,
  identityId: string,
  client: Client,
): Promise<IdentityUnlinked> {
  if (!isId(identityId)) throw new NotFoundError();
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const by = { person: current.user, sessionId: current.session.id, client };
    await unlinkIdentityOf(deps, tx, by, identityId);
    return current;
  });
  deps.outbox.wake();
  return { kind: 'IdentityUnlinked', viewer: after };
}
