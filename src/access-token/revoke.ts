import { recordAudit } from '../audit/record.ts';
import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { UnknownSigningKeyError } from './errors.ts';
import { applyDueRotation } from './rotation.ts';
import { lockSigningKeys, selectSigningKeys, setRevokedAt } from './store.ts';

/**
 * Revokes a signing key in an emergency. Each instance refuses the key's tokens from its next poll on
 * (TK-11). If the key was signing, the waiting key takes over in the same transaction. Resource
 * servers learn of the revocation when they next read the published keys.
 *
 * If the key is already revoked, nothing is written.
 *
 * @throws UnknownSigningKeyError
 */
export async function revokeSigningKey(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'act'>,
  kid: string,
): Promise<{ readonly isChanged: boolean }> {
  return await transaction(deps.db, async (tx) => {
    await run(tx, lockSigningKeys());
    const key = (await run(tx, selectSigningKeys())).find((candidate) => candidate.kid === kid);
    if (!key) throw new UnknownSigningKeyError();
    if (key.revokedAt) return { isChanged: false };
    await run(tx, setRevokedAt(kid, deps.clock.now()));
    await run(
      tx,
      recordAudit(deps, {
        type: 'SIGNING_KEY_REVOKED',
        userId: null,
        client: null,
        detail: { kid },
      }),
    );
    await applyDueRotation(deps, tx);
    return { isChanged: true };
  });
}
