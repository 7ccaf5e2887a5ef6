import type { Executor } from '../db/client.ts';
import type { PersonKey } from '../db/person-key.ts';
import { type EnrolledFactors, enrolledSecondFactors } from '../proofs/second-factor/enrolled.ts';
import { readHistory, type SignInHistory } from './history.ts';

/** What is known of a person when their first factor is proven. */
export type PersonRecord = { readonly factors: EnrolledFactors; readonly history: SignInHistory };

/**
 * Reads it, in statements that are sent together.
 *
 * @param userId the person's, or what finds it
 */
export async function readRecord(
  executor: Executor,
  userId: string | PersonKey,
): Promise<PersonRecord> {
  const [factors, history] = await Promise.all([
    enrolledSecondFactors(executor, userId),
    readHistory(executor, userId),
  ]);
  return { factors, history };
}

/** The record of one who is made in the same transaction. */
export const NOTHING_YET: PersonRecord = {
  factors: { totp: false, email: false, backupCodesRemaining: 0 },
  history: { origins: [], failures: 0 },
};
