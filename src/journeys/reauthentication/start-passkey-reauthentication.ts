import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { type PasskeyRequest, requestPasskey } from '../../proofs/passkey/request.ts';
import { listPasskeys } from '../../proofs/passkey/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/**
 * Starts a reauthentication with any passkey of the person. It belongs to this session (PK-1a).
 *
 * @throws NotFoundError for a person without a passkey, or if this server offers none; NotAuthenticatedError
 */
export async function startPasskeyReauthentication(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config'>,
  viewer: Authentication,
): Promise<PasskeyRequest> {
  const { user, session } = viewer;
  const own = await viewerTransaction(deps, viewer, 'enroll', (tx) =>
    run(tx, listPasskeys(user.id)),
  );
  if (own.length === 0 || !deps.config.passkeys.enabled) throw new NotFoundError();
  return requestPasskey(deps, { purpose: 'reauthentication', boundTo: session.id, own });
}
