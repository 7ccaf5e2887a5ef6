import type { SigningKeyRow } from '../db/tables/signing-key.ts';
import type { Deps } from '../deps.ts';
import { UnreadableSigningKeyError } from './errors.ts';
import { type OpenedKey, openSealedKey } from './sealed-key.ts';
import { tenures } from './timeline.ts';

/**
 * Opens the keys that are not over, unless they are open already: a kid is its key's thumbprint,
 * so a key that was opened once stays right, whatever later happens to the bytes in its row.
 *
 * @param known what is open already, by kid
 * @param onUnreadable told of each key that does not open; may throw
 */
export async function openSigningKeys(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  rows: readonly SigningKeyRow[],
  known: ReadonlyMap<string, OpenedKey>,
  onUnreadable: (error: UnreadableSigningKeyError) => void,
): Promise<ReadonlyMap<string, OpenedKey>> {
  const now = deps.clock.now();
  const opened = new Map<string, OpenedKey>();
  for (const { key: row, refusedFrom } of tenures(rows)) {
    if (refusedFrom && refusedFrom <= now) continue;
    try {
      opened.set(row.kid, known.get(row.kid) ?? (await openSealedKey(deps.keyring, row)));
    } catch (error) {
      if (!(error instanceof UnreadableSigningKeyError)) throw error;
      onUnreadable(error);
    }
  }
  return opened;
}
