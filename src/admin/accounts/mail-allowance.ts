import { RateLimitedError } from '../../kernel/errors.ts';
import { mailLimitsOfAdministrators } from '../../rate-limit/limits.ts';
import type { AdminRequest } from '../transaction.ts';
import type { AccountDeps } from './subject.ts';

/**
 * Counts a mail that an administrator causes. A stolen token must not flood a mailbox. The limits are their own:
 * strangers use them up as little as administrators use up the person's.
 *
 * @throws RateLimitedError
 */
export async function requireMailAllowance(
  deps: Pick<AccountDeps, 'config' | 'rateLimiter'>,
  { client }: Pick<AdminRequest, 'client'>,
  mail: { readonly purpose: string; readonly email: string },
): Promise<void> {
  const limits = mailLimitsOfAdministrators(deps.config, mail);
  const counted = await deps.rateLimiter.count(limits, client);
  if (!counted.allowed) throw new RateLimitedError(counted.retryAfterSeconds);
}
