import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { isConfigured } from '../identity/provider-of.ts';
import { listIdentities } from '../identity/store.ts';
import { AppError } from '../kernel/errors.ts';
import { countPasskeys } from '../proofs/passkey/store.ts';
import {
  enrolledSecondFactors,
  offeredMethods,
  requiresSecondFactor,
} from '../proofs/second-factor/enrolled.ts';

/**
 * Without this credential, nobody could sign in to the account any more (OA-11), or the person would be without the
 * second factor that MFA_REQUIRED asks for.
 */
export class LastCredentialError extends AppError {
  constructor() {
    super(
      'This is the only way to sign in to the account, or its last required second factor. Add another one first.',
    );
  }
}

/**
 * Requires that a person can still sign in. Call it after a credential was removed, in the same transaction and
 * with the person locked, so that two concurrent removals cannot each rely on what the other removes (OA-11).
 * The removal is rolled back with the transaction.
 *
 * A way to sign in counts only if this server offers it: an identity of a provider that is no longer configured
 * does not, and neither does a passkey where PASSKEYS is off. The mailbox counts only for a sign-in by mail,
 * although it can always set a password.
 *
 * @throws LastCredentialError
 */
export async function requireWayIn(
  { config }: Pick<Deps, 'config'>,
  tx: Executor,
  user: User,
): Promise<void> {
  if (await hasWayInBesideMailbox({ config }, tx, user)) return;
  if (await canSignInByMail({ config }, tx, user)) return;
  throw new LastCredentialError();
}

/** True if a person can sign in with something else than their mailbox. */
export async function hasWayInBesideMailbox(
  { config }: Pick<Deps, 'config'>,
  executor: Executor,
  user: User,
): Promise<boolean> {
  if (user.passwordHash !== null) return true;
  const identities = await run(executor, listIdentities(user.id));
  if (identities.some(({ issuer }) => isConfigured(config, issuer))) return true;
  return config.passkeys.enabled && (await run(executor, countPasskeys(user.id))) > 0;
}

/**
 * True if a sign-in by mail leads this person into the account. It does not for a person whose only second factor
 * is a code by mail, which proves nothing beside the same mailbox (EL-4). Backup codes run out.
 */
async function canSignInByMail(
  { config }: Pick<Deps, 'config'>,
  executor: Executor,
  user: User,
): Promise<boolean> {
  if (config.emailSignIn.mode === 'off' || user.emailVerifiedAt === null) return false;
  const factors = await run(executor, enrolledSecondFactors(user.id));
  if (!requiresSecondFactor(factors)) return true;
  return offeredMethods(config, factors, ['email'], user).some(
    (method) => method !== 'BACKUP_CODE',
  );
}
