import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { reseal } from './sealed-key.ts';
import { lockSigningKeys, selectSigningKeys, setSealed } from './store.ts';

/**
 * Seals every signing key with the newest root secret, so that older ones can be removed from
 * SECRET_KEYS (DR-2, CF-4). Running instances keep the keys that they have opened. An instance that
 * starts needs the newest secret, so add it to every instance first.
 *
 * @returns how many keys were resealed
 * @throws UnsealError if none of the configured secrets opens a key; nothing is changed then
 */
export async function resealSigningKeys(deps: Pick<Deps, 'db' | 'keyring'>): Promise<number> {
  return await transaction(deps.db, async (tx) => {
    await run(tx, lockSigningKeys());
    let count = 0;
    for (const row of await run(tx, selectSigningKeys())) {
      const sealed = reseal(deps.keyring, row);
      if (!sealed) continue;
      await run(tx, setSealed(row.kid, sealed));
      count += 1;
    }
    return count;
  });
}
