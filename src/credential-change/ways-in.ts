import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { listIdentities } from '../identity/store.ts';
import { AppError } from '../kernel/errors.ts';
import { isIssuerOf } from '../settings/providers.ts';

/** Without this credential, nobody could sign in to the account any more (OA-11). */
export class LastCredentialError extends AppError {
  constructor() {
    super('This is the only way to sign in to the account. Add another one first.');
  }
}

/**
 * Requires that a person can still sign in. Call it after a credential was removed, in the same transaction and
 * with the person locked, so that two concurrent removals cannot each rely on what the other removes (OA-11).
 * The removal is rolled back with the transaction.
 *
 * A way to sign in counts only if this server offers it: an identity of a provider that is no longer configured
 * does not. The mailbox does not count either, although it can set a password.
 *
 * @throws LastCredentialError
 */
export async function requireWayIn(
  { config }: Pick<Deps, 'config'>,
  tx: Executor,
  user: User,
): Promise<void> {
  if (user.passwordHash !== null) return;
  const isUsable = (issuer: string) =>
    config.oauth.providers.some((provider) => isIssuerOf(provider, issuer));
  const identities = await run(tx, listIdentities(user.id));
  if (identities.some(({ issuer }) => isUsable(issuer))) return;
  throw new LastCredentialError();
}
