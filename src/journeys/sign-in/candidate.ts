import type { Executor } from '../../db/client.ts';
import type { Deps } from '../../deps.ts';
import { type PersonRecord, readRecord } from '../../session/person-record.ts';
import { findSignInCandidate, type SignInCandidate, userIdOf } from '../../user/store.ts';

/** `record` is still on its way when the other two are here. */
export type Candidate = SignInCandidate & { readonly record: Promise<PersonRecord> };

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
  email: string,
): Promise<Candidate> {
  const finding = findSignInCandidate(executor, email, deps.clock.now());
  const record = readRecord(deps, executor, { id: userIdOf(email), email });
  // Looked at only after the right password.
  record.catch(() => undefined);
  return { ...(await finding), record };
}
