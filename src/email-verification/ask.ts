import type { Registration } from '../db/tables/registration.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import type { Client } from '../kernel/ports.ts';
import { mintAccountToken } from '../registration/token.ts';
import type { EmailVerificationRequired } from './outcomes.ts';
import { type Addressee, mailVerification } from './send.ts';

type AskDeps = Pick<Deps, 'clock' | 'random' | 'keyring' | 'config' | 'rateLimiter' | 'outbox'>;

/**
 * Asks a person who has proven a factor of an account to prove the account's address, and mails the proof.
 * With the token of the answer, the proof keeps everything that is in the account (PR-11).
 */
export async function askForVerification(
  deps: AskDeps,
  user: User,
  client: Client,
): Promise<EmailVerificationRequired> {
  const { id: userId, email, credentialVersion } = user;
  const mailed = await mailVerification(deps, { email, account: user, byOwner: true }, client);
  const registrationToken = mintAccountToken(deps, { userId, credentialVersion });
  return { kind: 'EmailVerificationRequired', email, registrationToken, ...mailed };
}

/** The addressee of a mail that a registration requests again, whatever happened to its address since. */
export function addresseeOf(
  email: string,
  registration: Registration,
  holder: Pick<User, 'id'> | null,
): Addressee {
  // The address had an account and is free again: the row only keeps answering.
  if (registration.endedAt && !holder) return { email, nobody: true, id: registration.id };
  return { email, registration, holder };
}
