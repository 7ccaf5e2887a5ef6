import { recordAudit } from '../../audit/record.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import { mailVerification } from '../../email-verification/send.ts';
import { after } from '../../kernel/duration.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { loginTag, matchesLoginTag } from '../../registration/login-tag.ts';
import {
  insertRegistration,
  lockRegistrations,
  renewRegistration,
} from '../../registration/store.ts';
import { newRegistrationToken, REGISTRATION_LIFETIME } from '../../registration/token.ts';

type WaitingDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>;

/** The request. `earlier` is the registration of the token that came with it, if any. */
export type Asked = {
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
  readonly registrationToken: string | null;
};

/**
 * Stores a pending registration and mails it. If the address already has an account, its holder is mailed
 * instead. The work and the answer are the same in both cases, and for an address that may not be sent another
 * mail now (LG-4).
 *
 * @param found.holder the account that has the address, if any
 * @param found.earlier the registration of the token that came with the request, if any
 */
export async function registerWaiting(
  deps: WaitingDeps,
  asked: Asked & { readonly passwordHash: string },
  found: { readonly holder: User | null; readonly earlier: Registration | null },
  client: Client,
): Promise<EmailVerificationRequired> {
  const { holder } = found;
  const { email } = asked;
  const { registration, token, statements } = waiting(deps, asked, found.earlier);
  const to = { email, registration, holder };
  const mailed = await mailVerification(deps, to, client, [
    lockRegistrations(email),
    ...statements,
    recordAudit(deps, {
      type: 'REGISTRATION_REQUESTED',
      userId: holder?.id ?? null,
      actorId: null,
      client,
    }),
  ]);
  return { kind: 'EmailVerificationRequired', email, registrationToken: token, ...mailed };
}

/**
 * A request from the same browser with the same password is the same registration: a double click, a second
 * press. With another password it is a new registration, and the old token becomes invalid, so that a person
 * with a copy of it gains nothing (PR-11).
 */
function waiting(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  asked: Asked & { readonly passwordHash: string },
  earlier: Registration | null,
) {
  const { email, name, password, passwordHash, registrationToken } = asked;
  const now = deps.clock.now();
  const renewal = { email, name, passwordHash, renewedAt: now, endedAt: null };
  const expiresAt = after(now, REGISTRATION_LIFETIME);
  const presented = { token: registrationToken ?? '', email, password };
  if (earlier && registrationToken && matchesLoginTag(deps, earlier.loginTag, presented)) {
    const registration: Registration = { ...earlier, ...renewal, expiresAt };
    const statements = renewRegistration(registration);
    return { registration, token: registrationToken, statements };
  }
  const token = newRegistrationToken(deps);
  const registration: Registration = {
    id: newId(deps),
    ...renewal,
    loginTag: loginTag(deps, { token, email, password }),
    tokenHash: sha256(token),
    createdAt: now,
    expiresAt,
  };
  const replaces = earlier?.email === email ? earlier.id : null;
  return { registration, token, statements: insertRegistration(registration, replaces) };
}
