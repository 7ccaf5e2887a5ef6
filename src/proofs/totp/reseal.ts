import type { Deps } from '../../deps.ts';
import { sealedContext } from './sealed-secret.ts';
import { replaceSeal, selectTotpSeals } from './store.ts';

/** Rows read at once: the memory of a run does not grow with the number of people. */
const BATCH = 500;

/**
 * Seals every authenticator secret anew with the newest root secret, so that an older one can
 * leave SECRET_KEYS (CF-4). What was enrolled anew in the meantime stays: the newest secret sealed
 * it. A run that ends early has lost nothing; the next one does the rest.
 *
 * @param options.batch how many rows are read at once
 * @returns how many were sealed anew
 * @throws UnsealError when a secret opens under none of the configured secrets
 */
export async function resealTotpSecrets(
  deps: Pick<Deps, 'db' | 'keyring'>,
  options: { readonly batch?: number } = {},
): Promise<number> {
  const { batch = BATCH } = options;
  let count = 0;
  let behind: string | null = null;
  while (true) {
    const rows = await selectTotpSeals(deps.db, { behind, limit: batch });
    for (const { id, userId, sealedSecret } of rows) {
      if (!deps.keyring.isStale(sealedSecret)) continue;
      const context = sealedContext(userId);
      const fresh = deps.keyring.seal(deps.keyring.open(sealedSecret, context), context);
      if (await replaceSeal(deps.db, { id, old: sealedSecret, fresh })) count += 1;
    }
    const last = rows.at(-1);
    if (!last) return count;
    behind = last.userId;
  }
}
