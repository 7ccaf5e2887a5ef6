import { recordAudit } from '../../audit/record.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import {
  type EmailVerificationRequired,
  sendEmailVerification,
  type Unverified,
} from '../../email-verification/send.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidCredentialsError } from '../../proofs/password/errors.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { admit, enter } from '../../session/admit.ts';
import type { SignedIn } from '../../session/signed-in.ts';
import { findSignInCandidate, replacePasswordHash } from '../../user/store.ts';

type LoginDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'log' | 'keyring' | 'config' | 'hasher' | 'outbox' | 'accessTokenKeys'
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
): Promise<SignedIn | MfaRequired | EmailVerificationRequired> {
  const { user, pending } = await findSignInCandidate(deps.db, input.email, deps.clock.now());
  // A disabled account has no password: its right one then costs what a wrong one costs (LG-2).
  const own = user?.disabledAt ? null : (user?.passwordHash ?? null);
  const candidates = [own, pending?.passwordHash ?? null];
  const match = await deps.hasher.verify(input.password, candidates, {
    source: client.ipAddress,
    signal,
  });
  if (match === 0 && user) {
    await rehashIfOutdated(deps, user, input.password, client);
    const mustVerify = deps.config.emailVerification === 'required' && !user.emailVerifiedAt;
    return mustVerify
      ? await askForVerification(deps, { user, anonymous: false }, client)
      : await enterAs(deps, user, client);
  }
  if (match === 1 && pending) {
    return await askForVerification(deps, { pending, holder: user }, client);
  }
  throw await refuse(deps, user, client, user?.disabledAt ? 'disabled' : 'wrong-password');
}

async function enterAs(
  deps: LoginDeps,
  user: User,
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const admission = await transaction(deps.db, (tx) =>
    admit(deps, tx, { user, firstFactor: 'pwd', client }),
  );
  // A reset or a change was faster: the password that was right a moment ago is not any more.
  if (!admission) throw await refuse(deps, user, client, 'credentials-changed');
  deps.outbox.wake();
  return await enter(deps, admission);
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

/**
 * Brings a hash up to the current parameters while the password is at hand (PW-5). The password
 * was right: when the queue is full, the next sign-in does it.
 */
async function rehashIfOutdated(
  deps: LoginDeps,
  user: User,
  password: string,
  client: Client,
): Promise<void> {
  const from = user.passwordHash;
  if (from === null || !deps.hasher.needsRehash(from)) return;
  try {
    const to = await deps.hasher.hash(password, { source: client.ipAddress });
    await replacePasswordHash(deps.db, { userId: user.id, from, to });
  } catch (error) {
    if (!(error instanceof ServerBusyError)) throw error;
    deps.log.debug({ userId: user.id }, 'A password hash was left as it is: the queue is full.');
  }
}
