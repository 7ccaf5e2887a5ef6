import type { Statement } from '../../db/statement.ts';
import type { Registration } from '../../db/tables/registration.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Attempt } from '../../kernel/rate-limit.ts';
import { sha256 } from '../../kernel/secret.ts';
import { findRegistration } from '../../registration/store.ts';
import { isRegistrationToken } from '../../registration/token.ts';
import { type PersonRecord, personRecordStatements } from '../../sign-in-gate/history.ts';
import { findUserByEmail } from '../../user/store.ts';

/**
 * The data that a password is verified against. `record` may still be loading when the rest is complete. An
 * address without an account has no record, so the hash must not wait for it (LG-2).
 */
export type Candidate = {
  readonly user: User | null;
  /**
   * The registration whose token the browser presented. The browser already knows that this registration
   * exists.
   */
  readonly registration: Registration | null;
  readonly record: Promise<PersonRecord>;
};

/** Reads everything that a sign-in can need, in the pipeline that counts the attempt. */
export async function countAndReadCandidate(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  attempt: Pick<Attempt<Statement<unknown>>, 'count'>,
  {
    email,
    registrationToken,
  }: { readonly email: string; readonly registrationToken: string | null },
): Promise<Candidate> {
  const now = deps.clock.now();
  const [finding, findingRegistration, ...reading] = await attempt.count([
    findUserByEmail(email),
    isRegistrationToken(registrationToken)
      ? findRegistration({ tokenHash: sha256(registrationToken), now })
      : null,
    ...personRecordStatements(deps, { id: { email }, email }),
  ]);
  const record = Promise.all(reading).then(([factors, origins, failures]) => ({
    ...{ factors, origins, failures },
  }));
  // Nobody waits for the record unless the password is right.
  record.catch(() => undefined);
  return { user: await finding, registration: await findingRegistration, record };
}
