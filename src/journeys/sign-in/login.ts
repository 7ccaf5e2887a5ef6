import { recordAudit } from '../../audit/record.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import {
  type EmailVerificationRequired,
  sendEmailVerification,
  type Unverified,
} from '../../email-verification/send.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import { admit } from '../../session/admit.ts';
import { type SignedIn, signedIn } from '../../session/signed-in.ts';
import { findSignInCandidate, replacePasswordHash } from '../../user/store.ts';

type LoginDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'outbox' | 'accessTokenKeys'
>;

/**
 * Signs in with an address and a password. Exactly one hash is derived whatever the address is,
 * and every refusal is the same (LG-1, LG-2).
 *
 * @param input.email in canonical form
 * @throws InvalidCredentialsError, ServerBusyError
 */
export async function login(
  deps: LoginDeps,
  input: { readonly email: string; readonly password: string },
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | EmailVerificationRequired> {
  const { user, pending } = await findSignInCandidate(deps.db, input.email, deps.clock.now());
  const candidates = [user?.passwordHash ?? null, pending?.passwordHash ?? null];
  const match = await deps.hasher.verify(input.password, candidates, {
    source: client.ipAddress,
    signal,
  });
  if (match === 0 && user && !user.disabledAt) {
    await rehashIfOutdated(deps, user, input.password, client);
    const mustVerify = deps.config.emailVerification === 'required' && !user.emailVerifiedAt;
    return mustVerify
      ? await askForVerification(deps, { user, anonymous: false }, client)
      : await enter(deps, user, client);
  }
  if (match === 1 && pending) {
    return await askForVerification(deps, { pending, holder: user }, client);
  }
  throw await refuse(deps, user, client, match === 0 ? 'disabled' : 'wrong-password');
}

async function enter(deps: LoginDeps, user: User, client: Client): Promise<SignedIn> {
  const grant = await transaction(deps.db, (tx) =>
    admit(deps, tx, { user, firstFactor: 'pwd', client }),
  );
  // A reset or a change was faster: the password that was right a moment ago is not any more.
  if (!grant) throw await refuse(deps, user, client, 'credentials-changed');
  return signedIn(deps, grant);
}

async function askForVerification(
  deps: LoginDeps,
  unverified: Unverified,
  client: Client,
): Promise<EmailVerificationRequired> {
  const required = await transaction(deps.db, (tx) =>
    sendEmailVerification(deps, tx, unverified, client),
  );
  deps.outbox.wake();
  return required;
}

async function refuse(
  deps: LoginDeps,
  user: User | null,
  client: Client,
  reason: string,
): Promise<InvalidCredentialsError> {
  await recordAudit(deps, deps.db, {
    type: 'SIGN_IN_FAILED',
    userId: user?.id ?? null,
    actorId: null,
    client,
    detail: { reason: user ? reason : 'unknown' },
  });
  return new InvalidCredentialsError();
}

/** Brings a hash up to the current parameters while the password is at hand (PW-5). */
async function rehashIfOutdated(
  deps: LoginDeps,
  user: User,
  password: string,
  client: Client,
): Promise<void> {
  const from = user.passwordHash;
  if (from === null || !deps.hasher.needsRehash(from)) return;
  const to = await deps.hasher.hash(password, { source: client.ipAddress });
  await replacePasswordHash(deps.db, { userId: user.id, from, to });
}
