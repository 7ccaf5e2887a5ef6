import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { otpauthUri, SECRET_BYTES, secretText } from './otp.ts';
import { openTotpSecret, sealTotpSecret } from './sealed-secret.ts';
import { findPendingTotp, replacePendingTotp } from './store.ts';

/** The secret for an authenticator app, to be scanned or typed. */
export type PendingTotp = {
  readonly secret: string;
  readonly otpauthUri: string;
  readonly expiresAt: Date;
};

/** The session that sets an app up, and its network. */
type Enrollment = {
  readonly user: Pick<User, 'id' | 'email'>;
  readonly sessionId: string;
  /** The narrowest network of the request. */
  readonly network: string;
};

const PENDING_LIFETIME = 10 * MINUTE;

/**
 * Returns the pending secret of this session, or a new one. Signing in does not ask for its codes until one of
 * them has confirmed it. Showing the secret again does not extend its lifetime (TO-6).
 *
 * A thief who was shown the secret that the owner then confirms has the owner's second factor. So has a thief
 * whose own secret is shown to the owner. Both attacks need the same pending secret to be shown to two parties,
 * so a secret belongs to one session. A stolen token of that session that is used from another network does not
 * get it either. In both cases a new secret is created, which voids the pending one: the other party's code is
 * then rejected, and the theft is noticed.
 *
 * @returns null if an authenticator app is already set up
 */
export async function enrollTotp(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  { user, sessionId, network }: Enrollment,
): Promise<PendingTotp | null> {
  const now = deps.clock.now();
  const shown = (secret: Uint8Array, expiresAt: Date): PendingTotp => ({
    secret: secretText(secret),
    otpauthUri: otpauthUri({ issuer: deps.config.appName, email: user.email, secret }),
    expiresAt,
  });
  const begun = await run(executor, findPendingTotp({ userId: user.id, sessionId, now }));
  if (begun?.pendingNetwork === network) {
    return shown(openTotpSecret(deps.keyring, user.id, begun.sealedSecret), begun.pendingUntil);
  }
  const secret = deps.random.bytes(SECRET_BYTES);
  const expiresAt = after(now, PENDING_LIFETIME);
  const isPending = await run(
    executor,
    replacePendingTotp({
      id: newId(deps),
      userId: user.id,
      sealedSecret: sealTotpSecret(deps.keyring, user.id, secret),
      createdAt: now,
      pendingUntil: expiresAt,
      pendingSessionId: sessionId,
      pendingNetwork: network,
    }),
  );
  return isPending ? shown(secret, expiresAt) : null;
}
