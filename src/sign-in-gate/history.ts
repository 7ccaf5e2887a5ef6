import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import type { PersonKey } from '../db/person-key.ts';
import type { Deps } from '../deps.ts';
import { type EnrolledFactors, enrolledSecondFactors } from '../proofs/second-factor/enrolled.ts';
import { readFailures, readOrigins } from './history-store.ts';
import type { KnownOrigins } from './origin.ts';

/** A person's earlier sign-ins: devices and networks, and the failures since the last success. */
export type SignInHistory = { readonly origins: KnownOrigins; readonly failures: number };

/** What the gate has to know of a person whose first factor is proven. */
export type PersonRecord = { readonly factors: EnrolledFactors; readonly history: SignInHistory };

/** The person: `id` may be an expression that finds the id by the same address. */
export type RecordOwner = { readonly id: string | PersonKey; readonly email: string };

type ReadDeps = Pick<Deps, 'clock' | 'keyring'>;

/** Reads a person's record, in statements that are sent together. */
export async function readPersonRecord(
  deps: ReadDeps,
  executor: Executor,
  owner: RecordOwner,
): Promise<PersonRecord> {
  const [factors, history] = await Promise.all([
    run(executor, enrolledSecondFactors(owner.id)),
    readHistory(deps, executor, owner),
  ]);
  return { factors, history };
}

/** Reads the sign-in history alone. Read it before the sign-in is recorded. */
export async function readHistory(
  deps: ReadDeps,
  executor: Executor,
  owner: RecordOwner,
): Promise<SignInHistory> {
  const [origins, failures] = await Promise.all([
    readOrigins(executor, owner.id),
    readFailures(deps, executor, owner.email),
  ]);
  return { origins, failures };
}

/** The record of a person who is created in the same transaction. */
export const EMPTY_RECORD: PersonRecord = {
  factors: { totp: false, email: false, backupCodesRemaining: 0 },
  history: { origins: { devices: [], networks: [] }, failures: 0 },
};
