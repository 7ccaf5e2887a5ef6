import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { reseal } from './sealed-key.ts';
import { lockSigningKeys, selectSigningKeys, setSealed } from './store.ts';

/**
 * Seals every signing key anew with the newest root secret, so that an older one can leave
 * SECRET_KEYS (DR-2, CF-4). Instances that run keep the keys they opened; one that starts needs
 * the newest secret, so add it everywhere before.
 *
 * @returns how many were sealed anew
 * @throws UnsealError when a key opens under none of the configured secrets; nothing is changed
 */
export async function resealSigningKeys(deps: Pick<Deps, 'db' | 'keyring'>): Promise<number> {
  return await transaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    let count = 0;
    for (const row of await selectSigningKeys(tx)) {
      const sealed = reseal(deps.keyring, row);
      if (!sealed) continue;
      await setSealed(tx, row.kid, sealed);
      count += 1;
    }
    return count;
  });
}
