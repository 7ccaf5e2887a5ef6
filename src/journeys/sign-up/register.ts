import type { Deps } from '../../deps.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import type { Client, HashOptions } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { sourceOf } from '../../kernel/source.ts';
import { checkBreachedPassword, requireAllowedPassword } from '../../proofs/password/policy.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { registrationLimits } from '../../rate-limit/limits.ts';
import { findRegistration } from '../../registration/store.ts';
import { isRegistrationToken } from '../../registration/token.ts';
import type { SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { findUserByEmail } from '../../user/store.ts';
import { registerAtOnce } from './register-at-once.ts';
import { registerWaiting } from './register-waiting.ts';

/** The details of a new account. `email` is in canonical form. */
export type Registration = {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
  /** The token of an earlier registration in this browser, if any (PR-11). */
  readonly registrationToken: string | null;
};

type RegisterDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'hasher'
  | 'hashQueue'
  | 'breachCheck'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * Registers an account. If the address must be verified (the default), the answer is the same whether or not
 * the address has an account; only the mail differs (LG-4). Otherwise the account is created at once.
 *
 * @throws WeakPasswordError, RateLimitedError, ServerBusyError; EmailTakenError only without verification
 */
export async function register(
  deps: RegisterDeps,
  registration: Registration,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | EmailVerificationRequired> {
  const source = sourceOf(client);
  deps.hashQueue.requireRoom(source);
  requireAllowedPassword(deps, registration.password, registration);
  const reservation = await deps.hashQueue.reserve(source);
  try {
    // If the client has disconnected in the meantime, the attempt is not counted (GQ-14).
    signal.throwIfAborted();
    return await countAndRegister(deps, registration, client, { signal, reservation });
  } finally {
    reservation.release();
  }
}

async function countAndRegister(
  deps: RegisterDeps,
  registration: Registration,
  client: Client,
  hashing: HashOptions,
): Promise<SignedIn | MfaRequired | EmailVerificationRequired> {
  const { email, password, registrationToken } = registration;
  const now = deps.clock.now();
  // The account of the address and the earlier registration of the browser are read in the same round trip as
  // the count.
  const counted = await deps.rateLimiter.count(registrationLimits(deps.config, client), client, [
    findUserByEmail(email),
    isRegistrationToken(registrationToken)
      ? findRegistration({ tokenHash: sha256(registrationToken), now })
      : null,
  ]);
  if (!counted.allowed) throw new RateLimitedError(counted.retryAfterSeconds);
  await checkBreachedPassword(deps, password);
  const [holder, earlier] = await Promise.all(counted.read);
  const passwordHash = await deps.hasher.hash(password, hashing);
  if (deps.config.emailVerification === 'optional') {
    return await registerAtOnce(deps, { ...registration, passwordHash, holder }, client);
  }
  return await registerWaiting(
    deps,
    { ...registration, passwordHash },
    { holder, earlier },
    client,
  );
}
