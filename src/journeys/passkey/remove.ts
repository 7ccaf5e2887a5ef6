import { removePasskeyOf } from '../../account/remove-passkey.ts';
import { credentialsChanged } from '../../credential-change/end-earlier-access.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** A passkey was removed, and every other session of the person has ended. */
export type PasskeyRemoved = Outcome<'PasskeyRemoved'> & { readonly viewer: Authentication };

/**
 * Removes a passkey of the person, with the rules of {@link removePasskeyOf}. An undo can restore it.
 *
 * @throws NotFoundError, LastCredentialError; NotAuthenticatedError, MfaEnrollmentRequiredError,
 *   StepUpRequiredError
 */
export async function removePasskey(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  viewer: Authentication,
  passkeyId: string,
  client: Client,
): Promise<PasskeyRemoved> {
  if (!isId(passkeyId)) throw new NotFoundError();
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const by = { person: current.user, sessionId: current.session.id, client };
    const renewal = await removePasskeyOf(deps, tx, by, passkeyId);
    return await credentialsChanged(deps, tx, current, renewal);
  });
  deps.outbox.wake();
  return { kind: 'PasskeyRemoved', viewer: after };
}
