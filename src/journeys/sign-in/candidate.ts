import type { Executor } from '../../db/driver/client.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';
import { findRegistration } from '../../registration/store.ts';
import { isRegistrationToken } from '../../registration/token.ts';
import { type PersonRecord, readPersonRecord } from '../../sign-in-gate/history.ts';
import { findUserByEmail, userIdOf } from '../../user/store.ts';

/** What a sign-in is compared with. `record` is still on its way when the others are here. */
export type Candidate = {
  readonly user: User | null;
  /** The registration whose token the browser presented; whether it exists, it knows itself. */
  readonly registration: Registration | null;
  readonly record: Promise<PersonRecord>;
};

/** A try under way: what was read with its charge, and how to forgive the failures before it. */
export type Attempt<Read> = {
  readonly read: Read;
  readonly forgive: (executor: Executor) => Promise<void>;
};

/**
 * Asks for all that a sign-in can need, in one go with its charge. The hash does not wait for the
 * record, which an address without an account has none of (LG-2).
 */
export async function readCandidate(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  {
    email,
    registrationToken,
  }: { readonly email: string; readonly registrationToken: string | null },
): Promise<Candidate> {
  const now = deps.clock.now();
  const finding = findUserByEmail(executor, email);
  const registering = isRegistrationToken(registrationToken)
    ? findRegistration(executor, { tokenHash: sha256(registrationToken), now })
    : null;
  const record = readPersonRecord(deps, executor, { id: userIdOf(email), email });
  // Looked at only after the right password.
  record.catch(() => undefined);
  const [user, registration] = await Promise.all([finding, registering]);
  return { user, registration, record };
}
