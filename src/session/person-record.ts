import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import { type EnrolledFactors, enrolledSecondFactors } from '../proofs/second-factor/enrolled.ts';
import { type HistoryOwner, readHistory, type SignInHistory } from './history.ts';

/** What is known of a person when their first factor is proven. */
export type PersonRecord = { readonly factors: EnrolledFactors; readonly history: SignInHistory };

/** Reads it, in statements that are sent together. */
export async function readRecord(
  deps: Pick<Deps, 'clock' | 'keyring'>,
  executor: Executor,
  owner: HistoryOwner,
): Promise<PersonRecord> {
  const [factors, history] = await Promise.all([
    enrolledSecondFactors(executor, owner.id),
    readHistory(deps, executor, owner),
  ]);
  return { factors, history };
}

/** The record of one who is made in the same transaction. */
export const NOTHING_YET: PersonRecord = {
  factors: { totp: false, email: false, backupCodesRemaining: 0 },
  history: { origins: { devices: [], networks: [] }, failures: 0 },
};
