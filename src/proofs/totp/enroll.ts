import type { Executor } from '../../db/driver/client.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { after, MINUTE } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import { otpauthUri, SECRET_BYTES, secretText } from './otp.ts';
import { openTotpSecret, sealTotpSecret } from './sealed-secret.ts';
import { findPendingTotp, replacePendingTotp } from './store.ts';

/** What is shown to be scanned or typed into an authenticator app. */
export type PendingTotp = {
  readonly secret: string;
  readonly otpauthUri: string;
  readonly expiresAt: Date;
};

/** Who sets an app up, and from where. */
type Enrollment = {
  readonly user: Pick<User, 'id' | 'email'>;
  readonly sessionId: string;
  /** The narrowest network of the request. */
  readonly network: string;
};

const PENDING_LIFETIME = 10 * MINUTE;

/**
 * The secret this session waits to confirm, or a new one. No sign-in asks for it until a code of it
 * came back. Showing it again does not make it live longer (TO-6).
 *
 * A thief who is shown the secret that the owner then confirms has the owner's second factor, and
 * so has a thief whose own secret the owner is shown. Both need the same pending secret to be shown to two
 * parties, so it belongs to one session; a stolen token of that very session, used from another
 * network, is not shown it either. Whoever is not shown it begins anew, which voids it: then the other
 * party's code is refused, and the theft is noticed.
 *
 * @returns null when an authenticator app is set up already
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
  const begun = await findPendingTotp(executor, { userId: user.id, sessionId, now });
  if (begun?.pendingNetwork === network) {
    return shown(openTotpSecret(deps.keyring, user.id, begun.sealedSecret), begun.pendingUntil);
  }
  const secret = deps.random.bytes(SECRET_BYTES);
  const expiresAt = after(now, PENDING_LIFETIME);
  const isPending = await replacePendingTotp(executor, {
    id: newId(deps),
    userId: user.id,
    sealedSecret: sealTotpSecret(deps.keyring, user.id, secret),
    createdAt: now,
    pendingUntil: expiresAt,
    pendingSessionId: sessionId,
    pendingNetwork: network,
  });
  return isPending ? shown(secret, expiresAt) : null;
}
