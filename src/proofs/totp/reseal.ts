import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import { sealedContext } from './sealed-secret.ts';
import { replaceSeal, selectTotpSeals } from './store.ts';

/** Rows read at once, so that the memory of a run does not grow with the number of people. */
const BATCH = 500;

/**
 * Seals every authenticator secret again with the newest root secret, so that an older one can be removed from
 * SECRET_KEYS (CF-4). Secrets that were enrolled in the meantime are left alone, because the newest root secret
 * sealed them. A run that ends early loses nothing, and the next one does the rest.
 *
 * @param options.batch the number of rows read at once
 * @returns how many secrets were sealed again
 * @throws UnsealError if a secret opens under none of the configured secrets
 */
export async function resealTotpSecrets(
  deps: Pick<Deps, 'db' | 'keyring'>,
  options: { readonly batch?: number } = {},
): Promise<number> {
  const { batch = BATCH } = options;
  let count = 0;
  let behind: string | null = null;
  while (true) {
    const next: ReturnType<typeof selectTotpSeals> = selectTotpSeals({ behind, limit: batch });
    const rows = await run(deps.db, next);
    for (const { id, userId, sealedSecret } of rows) {
      if (!deps.keyring.isStale(sealedSecret)) continue;
      const context = sealedContext(userId);
      const fresh = deps.keyring.seal(deps.keyring.open(sealedSecret, context), context);
      if (await run(deps.db, replaceSeal({ id, old: sealedSecret, fresh }))) count += 1;
    }
    const last = rows.at(-1);
    if (!last) return count;
    behind = last.userId;
  }
}
