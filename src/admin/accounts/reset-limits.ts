import { type LimitsOf, resetLimits as resetLimitsOf } from '../../account/limits.ts';
import { run } from '../../db/executor.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { findUserByEmail } from '../../user/store.ts';
import { type AdminRequest, adminTransaction, subjectTransaction } from '../transaction.ts';
import type { AccountDeps } from './subject.ts';

/** The limits have forgotten what they counted. */
export type LimitsReset = Outcome<'LimitsReset'> & { readonly limits: readonly string[] };

/**
 * Resets the limits of an address with its account, of a source, or of both. An address with an account is an act on
 * that person: whoever guesses gets all attempts again, so nobody does it to somebody who has a permission they lack
 * (AD-3).
 *
 * @throws InvalidInputError if there is neither; MissingPermissionError, NotAuthenticatedError, StepUpRequiredError;
 *   NotFoundError if the account was deleted meanwhile
 */
export async function resetLimits(
  deps: AccountDeps,
  request: AdminRequest,
  { email, ipAddress }: { readonly email: string | null; readonly ipAddress: string | null },
): Promise<LimitsReset> {
  const places: readonly LimitsOf[] = [
    ...(email === null ? [] : [{ kind: 'address', email } as const]),
    ...(ipAddress === null ? [] : [{ kind: 'source', ipAddress } as const]),
  ];
  if (places.length === 0) {
    const message = 'Name an address, a source, or both.';
    throw new InvalidInputError([{ path: ['input'], message }]);
  }
  const person = email === null ? null : await run(deps.db, findUserByEmail(email));
  const inTransaction: typeof adminTransaction = person
    ? (needed, one, work) => subjectTransaction(needed, { ...one, userId: person.id }, work)
    : adminTransaction;
  return await inTransaction(deps, request, async (tx, { act }) => {
    const limits = new Set<string>();
    for (const place of places) {
      const counters = await resetLimitsOf({ ...deps, act }, tx, place);
      for (const { limit } of counters) limits.add(limit);
    }
    return { kind: 'LimitsReset', limits: [...limits].sort() };
  });
}
