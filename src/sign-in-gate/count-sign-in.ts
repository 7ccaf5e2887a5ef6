import { recordAudit } from '../audit/record.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { countInTransaction } from '../rate-limit/count.ts';
import { completedSignInLimits } from '../rate-limit/limits.ts';
import type { PasswordlessWay } from '../rate-limit/rules.ts';

/**
 * Counts a sign-in without a password against the limits of its account and its source, in the caller's transaction.
 *
 * @throws RateLimitedError (RL-14)
 */
export async function countSignIn(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'meter' | 'config'>,
  executor: Executor,
  of: { readonly user: User; readonly way: PasswordlessWay; readonly client: Client },
): Promise<void> {
  const { user, way, client } = of;
  const limits = completedSignInLimits(deps.config, client, {
    userId: user.id,
    isKnownDevice: false,
    way,
  });
  await recordLimitsReached(
    deps,
    executor,
    await countInTransaction(deps, executor, limits),
    client,
  );
}

/** Records in the audit log which limits a sign-in has reached (LO-1). */
export async function recordLimitsReached(
  deps: Pick<Deps, 'clock' | 'random'>,
  executor: Executor,
  limits: readonly string[],
  client: Client,
): Promise<void> {
  for (const limit of limits)
    await run(
      executor,
      recordAudit(deps, {
        type: 'RATE_LIMITED',
        userId: null,
        client,
        detail: { limit },
      }),
    );
}
