import type { SQL } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type EnrolledFactors, enrolledSecondFactors } from '../proofs/second-factor/enrolled.ts';
import { readHistory, type SignInHistory } from './history.ts';

/** What is known of a person when their first factor is proven. */
export type PersonRecord = { readonly factors: EnrolledFactors; readonly history: SignInHistory };

/**
 * Reads it, in statements that are sent together.
 *
 * @param userId the person's, or an expression that finds it
 */
export async function readRecord(executor: Executor, userId: string | SQL): Promise<PersonRecord> {
  const [factors, history] = await Promise.all([
    enrolledSecondFactors(executor, userId),
    readHistory(executor, userId),
  ]);
  return { factors, history };
}
