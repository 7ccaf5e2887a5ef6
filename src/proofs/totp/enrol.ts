import type { Executor } from '../../db/client.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { otpauthUri, SECRET_BYTES, secretText } from './otp.ts';
import { sealTotpSecret } from './sealed-secret.ts';
import { replacePendingTotp } from './store.ts';

/** What is shown once, to be scanned or typed into an authenticator app. */
export type PendingTotp = {
  readonly secret: string;
  readonly otpauthUri: string;
  readonly expiresAt: Date;
};

const PENDING_LIFETIME = 10 * MINUTE;

/**
 * Makes a secret that asks for nothing until a code of it comes back (TO-6).
 *
 * @returns null when an authenticator app is set up already
 */
export async function enrolTotp(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  user: Pick<User, 'id' | 'email'>,
): Promise<PendingTotp | null> {
  const now = deps.clock.now();
  const secret = deps.random.bytes(SECRET_BYTES);
  const expiresAt = after(now, PENDING_LIFETIME);
  const pending = await replacePendingTotp(executor, {
    id: newId(deps),
    userId: user.id,
    sealedSecret: sealTotpSecret(deps.keyring, user.id, secret),
    createdAt: now,
    pendingUntil: expiresAt,
  });
  if (!pending) return null;
  const uri = otpauthUri({ issuer: deps.config.appName, email: user.email, secret });
  return { secret: secretText(secret), otpauthUri: uri, expiresAt };
}
