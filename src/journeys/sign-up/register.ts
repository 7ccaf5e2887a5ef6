import { recordAudit } from '../../audit/record.ts';
import type { PendingRegistration } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import {
  type EmailVerificationRequired,
  sendEmailVerification,
} from '../../email-verification/send.ts';
import { after, DAY } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { demandStrongPassword } from '../../proofs/password/policy.ts';
import { admit } from '../../session/admit.ts';
import { type SignedIn, signedIn } from '../../session/signed-in.ts';
import { replacePendingRegistration } from '../../user/pending-store.ts';
import { findUserByEmail, insertUser } from '../../user/store.ts';
import { EmailTakenError } from './errors.ts';

/** What a person asks for an account with; `email` in canonical form. */
export type Registration = {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
};

type RegisterDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'hasher' | 'outbox' | 'accessTokenKeys'
>;

const PENDING_LIFETIME = 7 * DAY;

/**
 * Asks for an account. With verification required (the default) a taken address and a free one
 * are told apart by nothing but the mail (LG-4); without, the account is made at once.
 *
 * @throws WeakPasswordError, ServerBusyError; EmailTakenError only without verification
 */
export async function register(
  deps: RegisterDeps,
  registration: Registration,
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn | EmailVerificationRequired> {
  demandStrongPassword(deps.config, registration.password, registration);
  const source = client.ipAddress;
  if (deps.config.emailVerification === 'optional') {
    const passwordHash = await deps.hasher.hash(registration.password, { source, signal });
    return await registerAtOnce(deps, { ...registration, passwordHash }, client);
  }
  const holder = await findUserByEmail(deps.db, registration.email);
  const passwordHash = await deps.hasher.hash(registration.password, {
    source,
    signal,
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
  const required = await transaction(deps.db, async (tx) => {
    await replacePendingRegistration(tx, pending);
    await recordAudit(deps, tx, {
      type: 'REGISTERED',
      userId: holder?.id ?? null,
      actorId: null,
      client,
      detail: { pending: true },
    });
    return await sendEmailVerification(deps, tx, { pending, holder }, client);
  });
  deps.outbox.wake();
  return required;
}

async function registerAtOnce(
  deps: RegisterDeps,
  registration: Registration & { readonly passwordHash: string },
  client: Client,
): Promise<SignedIn> {
  const now = deps.clock.now();
  const grant = await transaction(deps.db, async (tx) => {
    const user = await insertUser(tx, {
      id: newId(deps),
      email: registration.email,
      name: registration.name,
      passwordHash: registration.passwordHash,
      createdAt: now,
      updatedAt: now,
    });
    if (!user) return null;
    await recordAudit(deps, tx, { type: 'REGISTERED', userId: user.id, client });
    await sendEmailVerification(deps, tx, { user, anonymous: false }, client);
    return await admit(deps, tx, { user, firstFactor: 'pwd', client });
  });
  if (!grant) throw new EmailTakenError();
  deps.outbox.wake();
  return signedIn(deps, grant);
}
