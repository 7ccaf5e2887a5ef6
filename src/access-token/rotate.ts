import { run } from '../db/executor.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import { applyDueRotation, publishKey } from './rotation.ts';
import { lockSigningKeys, selectSigningKeys, setActiveFrom } from './store.ts';
import { earliestUse, pendingAt } from './timeline.ts';

/**
 * Rotates ahead of time, for the operator. The waiting key signs as soon as every resource server
 * knows it: at once if it has been published for long enough. A new key waits in its place. If such
 * a rotation is already under way, nothing changes.
 *
 * @returns the next key, and when it begins to sign
 */
export async function rotateSigningKey(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'act'>,
): Promise<{ readonly kid: string; readonly activeFrom: Date }> {
  return await transaction(deps.db, async (tx) => {
    await run(tx, lockSigningKeys());
    await applyDueRotation(deps, tx);
    const now = deps.clock.now();
    const [next, ...later] = pendingAt(await run(tx, selectSigningKeys()), now);
    if (!next) throw new Error('After a due rotation one key always waits.');
    const activeFrom = new Date(
      Math.min(next.activeFrom.getTime(), earliestUse(next, now).getTime()),
    );
    await run(tx, setActiveFrom(next.kid, activeFrom));
    if (later.length === 0) {
      const end = after(activeFrom, deps.config.signingKeyLifetime);
      await publishKey(deps, tx, {
        createdAt: now,
        activeFrom: earliestUse({ createdAt: now }, end),
      });
    }
    return { kid: next.kid, activeFrom };
  });
}
