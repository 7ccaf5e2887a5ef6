import type { Executor } from '../../db/driver/client.ts';
import { run } from '../../db/executor.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { sha256 } from '../../kernel/secret.ts';
import { findRegistration } from '../../registration/store.ts';
import { isRegistrationToken } from '../../registration/token.ts';
import { type PersonRecord, personRecordStatements } from '../../sign-in-gate/history.ts';
import { findUserByEmail } from '../../user/store.ts';

/**
 * What a password is verified against. The record is still on its way when the others have arrived: an
 * address without an account has none, so the hash must not wait for it (LG-2).
 */
export type Candidate = {
  readonly user: User | null;
  /** The registration whose token the browser presented. That browser knows already that it exists. */
  readonly registration: Registration | null;
  readonly record: Promise<PersonRecord>;
};

/** Reads everything that a sign-in can need, in the pipeline that counts the attempt. */
export async function readCandidate(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  {
    email,
    registrationToken,
  }: { readonly email: string; readonly registrationToken: string | null },
): Promise<Candidate> {
  const now = deps.clock.now();
  const finding = run(executor, findUserByEmail(email));
  const registering = isRegistrationToken(registrationToken)
    ? run(executor, findRegistration({ tokenHash: sha256(registrationToken), now }))
    : null;
  const record = readRecord(deps, executor, email);
  // Nobody waits for the record unless the password is right.
  record.catch(() => undefined);
  const [user, registration] = await Promise.all([finding, registering]);
  return { user, registration, record };
}

async function readRecord(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  email: string,
): Promise<PersonRecord> {
  const owner = { id: { email }, email };
  const [readFactors, readOrigins, readFailures] = personRecordStatements(deps, owner);
  const [factors, origins, failures] = await Promise.all([
    run(executor, readFactors),
    run(executor, readOrigins),
    run(executor, readFailures),
  ]);
  return { factors, origins, failures };
}
