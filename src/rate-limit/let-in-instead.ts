import type { Deps } from '../deps.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { type RestoringDeps, restoreOrOwe } from './restore-or-owe.ts';
import { type Refused, type Taken, takeInstead } from './take.ts';

/**
 * Asks what stands in for a refused try's charges, if anything does. Where that lets it through
 * neither, nobody judged it: it is no failure of the device that would keep it out later (RL-3).
 */
export async function letInInstead(
  deps: RestoringDeps & Pick<Deps, 'keyring'>,
  charges: readonly Limit[],
  refused: Refused,
): Promise<Taken> {
  const instead = charges.find((charge) => charge.fallback)?.fallback;
  if (!instead) return refused;
  try {
    const taken = await takeInstead(deps, instead, refused);
    if (!taken.allowed) await restoreOrOwe(deps, refused.tried, false);
    return taken;
  } catch (error) {
    const restored = restoreOrOwe(deps, refused.tried, false);
    // The caller does not wait for a database that is away a second time (RR-11).
    if (!(error instanceof ServiceUnavailableError)) await restored;
    throw error;
  }
}
