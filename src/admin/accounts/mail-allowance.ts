import type { Executor } from '../../db/executor.ts';
import { countInTransaction } from '../../rate-limit/count.ts';
import { mailLimitsOfAdministrators } from '../../rate-limit/limits.ts';
import type { AccountDeps } from './subject.ts';

/**
 * Counts a mail that an administrator causes. A stolen token must not flood a mailbox. The limits are their own:
 * strangers use them up as little as administrators use up the person's. Call it once the act is allowed: whoever may not
 * act on a person must not use up the mails of those who may (AD-3).
 *
 * @throws RateLimitedError
 */
export async function requireMailAllowance(
  deps: Pick<AccountDeps, 'clock' | 'keyring' | 'config' | 'meter'>,
  tx: Executor,
  mail: { readonly purpose: string; readonly email: string },
): Promise<void> {
  await countInTransaction(deps, tx, mailLimitsOfAdministrators(deps.config, mail));
}
