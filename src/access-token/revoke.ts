import { recordAudit } from '../audit/record.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { UnknownSigningKeyError } from './errors.ts';
import { settle } from './settle.ts';
import { lockSigningKeys, selectSigningKeys, setRevokedAt } from './store.ts';

/**
 * Emergency: the tokens of a key are refused from now on, here and, with their next poll, on every
 * instance (TK-11). If it was the one that signs, the waiting key takes over in the same
 * transaction. Resource servers of others learn of it when they next read the published keys.
 *
 * A key that is revoked already stays so, and nothing is written.
 *
 * @throws UnknownSigningKeyError
 */
export async function revokeSigningKey(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'operator'>,
  kid: string,
): Promise<{ readonly isChanged: boolean }> {
  return await transaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    const key = (await selectSigningKeys(tx)).find((candidate) => candidate.kid === kid);
    if (!key) throw new UnknownSigningKeyError();
    if (key.revokedAt) return { isChanged: false };
    await setRevokedAt(tx, kid, deps.clock.now());
    await recordAudit(deps, tx, {
      type: 'SIGNING_KEY_REVOKED',
      userId: null,
      client: null,
      detail: { kid },
    });
    await settle(deps, tx);
    return { isChanged: true };
  });
}
