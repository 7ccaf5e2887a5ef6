import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { resealContent } from './sealed-content.ts';
import { replaceRemovedSeal, selectRemovedSeals } from './store.ts';

/** Rows read at once, so that the memory of a run does not grow with the number of rows. */
const BATCH = 500;

/**
 * Seals everything that an undo may restore again with the newest root secret, so that an older one can be
 * removed from SECRET_KEYS (CF-4).
 *
 * @returns how many rows were sealed again
 * @throws UnsealError if a row opens under none of the configured secrets
 */
export async function resealRemovedCredentials(
  deps: Pick<Deps, 'db' | 'keyring'>,
): Promise<number> {
  let count = 0;
  let behind: string | null = null;
  while (true) {
    const next: ReturnType<typeof selectRemovedSeals> = selectRemovedSeals({
      behind,
      limit: BATCH,
    });
    const rows = await run(deps.db, next);
    for (const { id, sealedContent } of rows) {
      if (!deps.keyring.isStale(sealedContent)) continue;
      const fresh = resealContent(deps.keyring, id, sealedContent);
      if (await run(deps.db, replaceRemovedSeal({ id, fresh }))) count += 1;
    }
    const last = rows.at(-1);
    if (!last) return count;
    behind = last.id;
  }
}
