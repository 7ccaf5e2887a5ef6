import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/client.ts';
import type { PendingRegistration, User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import {
  type EmailVerificationRequired,
  sendEmailVerification,
} from '../../email-verification/send.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { PURPOSES } from '../../proofs/one-time-token/purpose.ts';
import { demandAllowedPassword, demandUnbreachedPassword } from '../../proofs/password/policy.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import type { SignedIn } from '../../session/signed-in.ts';
import { mailCharges, registrationCharges } from '../../throttle/charges.ts';
import { replacePendingRegistration } from '../../user/pending-store.ts';
import { findUserByEmail } from '../../user/store.ts';
import { registerAtOnce } from './register-at-once.ts';

/** What a person asks for an account with; `email` in canonical form. */
export type Registration = {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
};

type RegisterDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'config'
  | 'hasher'
  | 'breachCheck'
  | 'throttle'
  | 'outbox'
  | 'accessTokenKeys'
>;

const PENDING_LIFETIME = 7 * DAY;

/**
 * Asks for an account. With verification required (the default) a taken address and a free one
 * are told apart by nothing but the mail (LG-4); without, the account is made at once.
 *
 * @throws WeakPasswordError, RateLimitedError, ServerBusyError; EmailTakenError only without verification
 */
export async function register(
  deps: RegisterDeps,
  registration: Registration,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | MfaRequired | EmailVerificationRequired> {
  deps.hasher.demandRoom(client.ipAddress);
  demandAllowedPassword(deps, registration.password, registration);
  // The address's account is asked for in one go with the charge.
  const asked = await deps.throttle.spend(
    registrationCharges(deps.config, client),
    client,
    (executor) => findUserByEmail(executor, registration.email),
  );
  if (!asked.allowed) throw new RateLimitedError(asked.retryAfterSeconds);
  await demandUnbreachedPassword(deps, registration.password);
  const holder = asked.read;
  const waiting = { source: client.ipAddress, signal };
  if (deps.config.emailVerification === 'optional') {
    const passwordHash = await deps.hasher.hash(registration.password, waiting);
    return await registerAtOnce(deps, { ...registration, passwordHash }, client);
  }
  const passwordHash = await deps.hasher.hash(registration.password, {
    ...waiting,
    // One later derivation can then be compared with both hashes of this address, so that signing
    // in does not tell whether the registration met an account.
    saltOf: holder?.passwordHash ?? null,
  });
  const now = deps.clock.now();
  const pending: PendingRegistration = {
    id: newId(deps),
    email: registration.email,
    name: registration.name,
    passwordHash,
    createdAt: now,
    expiresAt: after(now, PENDING_LIFETIME),
  };
  const mail = mailCharges(deps.config, client, { purpose: 'verify-email', email: pending.email });
  const written = await deps.throttle.spendWith(mail, client, (tx) =>
    writePending(deps, tx, { pending, holder }, client),
  );
  if (!written.allowed) {
    // Nothing is mailed, so nothing may change either: the proof in an earlier mail stays good.
    const expiresAt = after(now, PURPOSES['verify-email'].link);
    return { kind: 'EmailVerificationRequired', email: registration.email, expiresAt };
  }
  deps.outbox.wake();
  return written.result;
}

async function writePending(
  deps: RegisterDeps,
  tx: Executor,
  unverified: { readonly pending: PendingRegistration; readonly holder: User | null },
  client: Client,
): Promise<EmailVerificationRequired> {
  // The proof's row first, as where it is redeemed: otherwise the two could block each other.
  const [required] = await Promise.all([
    sendEmailVerification(deps, tx, unverified, client),
    replacePendingRegistration(tx, unverified.pending),
    recordAudit(deps, tx, {
      type: 'REGISTERED',
      userId: unverified.holder?.id ?? null,
      actorId: null,
      client,
      detail: { pending: true },
    }),
  ]);
  return required;
}
