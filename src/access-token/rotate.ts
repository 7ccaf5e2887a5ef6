import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import { publishKey, settle } from './settle.ts';
import { lockSigningKeys, selectSigningKeys, setActiveFrom } from './store.ts';
import { earliestUse, pendingAt } from './timeline.ts';

/**
 * Rotates ahead of time, for the operator: the waiting key signs as soon as every resource server
 * knows it (at once, if it has been published for long enough), and a new one waits in its place.
 * While such a rotation is under way, asking again changes nothing.
 *
 * @returns the key that signs next, and from when
 */
export async function rotateSigningKey(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'operator'>,
): Promise<{ readonly kid: string; readonly activeFrom: Date }> {
  return await transaction(deps.db, async (tx) => {
    await lockSigningKeys(tx);
    await settle(deps, tx);
    const now = deps.clock.now();
    const [next, ...later] = pendingAt(await selectSigningKeys(tx), now);
    if (!next) throw new Error('Settled keys always have one that waits.');
    const activeFrom = new Date(
      Math.min(next.activeFrom.getTime(), earliestUse(next, now).getTime()),
    );
    await setActiveFrom(tx, next.kid, activeFrom);
    if (later.length === 0) {
      const turn = after(activeFrom, deps.config.signingKeyLifetime);
      await publishKey(deps, tx, {
        createdAt: now,
        activeFrom: earliestUse({ createdAt: now }, turn),
      });
    }
    return { kid: next.kid, activeFrom };
  });
}
