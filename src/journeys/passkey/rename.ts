import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Passkey } from '../../db/tables/passkey.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { setPasskeyName } from '../../proofs/passkey/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** A passkey has another name. */
export type PasskeyRenamed = Outcome<'PasskeyRenamed'> & { readonly passkey: Passkey };

/**
 * Gives a passkey of the person another name. The name is for the person alone and decides nothing.
 *
 * @throws NotFoundError; NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function renamePasskey(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  viewer: Authentication,
  { passkeyId, name }: { readonly passkeyId: string; readonly name: string },
  client: Client,
): Promise<PasskeyRenamed> {
  if (!isId(passkeyId)) throw new NotFoundError();
  const passkey = await viewerTransaction(deps, viewer, 'signedIn', async (tx, current) => {
    const [userId, sessionId] = [current.user.id, current.session.id];
    const renamed = await run(tx, setPasskeyName({ id: passkeyId, userId, name }));
    if (!renamed) return null;
    const detail = { passkey: passkeyId };
    const event = { type: 'PASSKEY_RENAMED', userId, sessionId, client, detail } as const;
    await run(tx, recordAudit(deps, event));
    return renamed;
  });
  if (!passkey) throw new NotFoundError();
  return { kind: 'PasskeyRenamed', passkey };
}
